CREATE TABLE `device_hardware` (
	`device_id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`modules` text NOT NULL,
	`sensors` text NOT NULL,
	`poe` text,
	`light` text NOT NULL,
	`failed` text NOT NULL,
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `light_limits` (
	`device_id` text NOT NULL,
	`port` text NOT NULL,
	`rx` text,
	`tx` text,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL,
	PRIMARY KEY(`device_id`, `port`),
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE cascade
);
