CREATE TABLE `lock_confirmations` (
	`lock_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`lock_id`, `agent_id`)
);
--> statement-breakpoint
CREATE TABLE `recording_days` (
	`device_id` text NOT NULL,
	`day` text NOT NULL,
	`time_zone` text NOT NULL,
	`from_at` integer NOT NULL,
	`to_at` integer NOT NULL,
	`wanted_ms` integer NOT NULL,
	`recorded_ms` integer NOT NULL,
	`missing` text NOT NULL,
	`as_of` integer NOT NULL,
	`stale` integer NOT NULL,
	PRIMARY KEY(`device_id`, `day`)
);
--> statement-breakpoint
DROP INDEX `gaps_device_to`;--> statement-breakpoint
CREATE INDEX `gaps_to` ON `recording_gaps` (`to_at`);--> statement-breakpoint
DROP INDEX `locks_review`;--> statement-breakpoint
CREATE INDEX `locks_held` ON `footage_locks` (`device_id`,`from_at`) WHERE released_at is null;--> statement-breakpoint
DROP INDEX `segments_device_ended`;--> statement-breakpoint
DROP INDEX `segments_damaged`;--> statement-breakpoint
CREATE INDEX `segments_device_agent` ON `segments` (`device_id`,`agent_id`,`started_at`);--> statement-breakpoint
CREATE INDEX `segments_damaged` ON `segments` (`device_id`,`agent_id`) WHERE status in ('damaged', 'missing');--> statement-breakpoint
ALTER TABLE `recording_cursors` ADD `left_out` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `recording_cursors` ADD `left_out_at` integer;--> statement-breakpoint
ALTER TABLE `recording_cursors` ADD `left_out_detail` text;