CREATE TABLE `event_rules` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`rule` text NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `event_rules_name` ON `event_rules` (`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `camera_events_one_open` ON `camera_events` (`device_id`,`type`,`source`) WHERE to_at is null;