CREATE TABLE `camera_ptz` (
	`device_id` text PRIMARY KEY NOT NULL,
	`abilities` text,
	`presets` text NOT NULL,
	`names` text NOT NULL,
	`tours` text NOT NULL,
	`running_tour_id` text,
	`found_at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `camera_masks` ADD `head_position` text;