CREATE TABLE `camera_masks` (
	`device_id` text PRIMARY KEY NOT NULL,
	`regions` text NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL
);
