CREATE TABLE `bookmarks` (
	`id` text PRIMARY KEY NOT NULL,
	`device_id` text NOT NULL,
	`device_name` text NOT NULL,
	`group_id` text,
	`at` integer NOT NULL,
	`note` text NOT NULL,
	`author_id` text NOT NULL,
	`author_name` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `bookmarks_device` ON `bookmarks` (`device_id`,`at`);--> statement-breakpoint
CREATE TABLE `camera_events` (
	`id` text PRIMARY KEY NOT NULL,
	`device_id` text NOT NULL,
	`type` text NOT NULL,
	`source` text NOT NULL,
	`from_at` integer NOT NULL,
	`to_at` integer,
	`data` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `camera_events_device` ON `camera_events` (`device_id`,`from_at`);--> statement-breakpoint
CREATE INDEX `camera_events_from` ON `camera_events` (`from_at`);--> statement-breakpoint
CREATE TABLE `clips` (
	`id` text PRIMARY KEY NOT NULL,
	`device_id` text NOT NULL,
	`device_name` text NOT NULL,
	`group_id` text,
	`requested_from` integer NOT NULL,
	`requested_to` integer NOT NULL,
	`delivered_from` integer,
	`delivered_to` integer,
	`status` text NOT NULL,
	`bytes` integer,
	`done_bytes` integer NOT NULL,
	`sha256` text,
	`masked` integer NOT NULL,
	`gaps` text NOT NULL,
	`failure` text,
	`reason` text NOT NULL,
	`created_at` integer NOT NULL,
	`created_by_id` text NOT NULL,
	`created_by` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `clips_created` ON `clips` (`created_at`);--> statement-breakpoint
CREATE INDEX `clips_owner` ON `clips` (`created_by_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `recording_gaps` (
	`id` text PRIMARY KEY NOT NULL,
	`device_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`from_at` integer NOT NULL,
	`to_at` integer,
	`seen_cause` text NOT NULL,
	`seen_detail` text DEFAULT '' NOT NULL,
	`cause` text NOT NULL,
	`detail` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `gaps_device` ON `recording_gaps` (`device_id`,`from_at`);--> statement-breakpoint
CREATE INDEX `gaps_device_to` ON `recording_gaps` (`device_id`,`to_at`);--> statement-breakpoint
CREATE TABLE `footage_locks` (
	`id` text PRIMARY KEY NOT NULL,
	`device_id` text NOT NULL,
	`device_name` text NOT NULL,
	`group_id` text,
	`from_at` integer NOT NULL,
	`to_at` integer NOT NULL,
	`reason` text NOT NULL,
	`reference` text NOT NULL,
	`owner_id` text NOT NULL,
	`owner_name` text NOT NULL,
	`created_at` integer NOT NULL,
	`review_at` integer NOT NULL,
	`released_at` integer,
	`released_by` text,
	`release_reason` text,
	`confirmed_at` integer
);
--> statement-breakpoint
CREATE INDEX `locks_device` ON `footage_locks` (`device_id`,`from_at`);--> statement-breakpoint
CREATE INDEX `locks_review` ON `footage_locks` (`review_at`);--> statement-breakpoint
CREATE TABLE `recording_cursors` (
	`agent_id` text PRIMARY KEY NOT NULL,
	`index_id` text NOT NULL,
	`cursor` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `recording_policies` (
	`scope` text NOT NULL,
	`scope_id` text NOT NULL,
	`policy` text NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL,
	PRIMARY KEY(`scope`, `scope_id`)
);
--> statement-breakpoint
CREATE TABLE `segments` (
	`id` text PRIMARY KEY NOT NULL,
	`device_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`profile` text NOT NULL,
	`run_id` text NOT NULL,
	`run_offset_ms` integer NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer NOT NULL,
	`media_ms` integer NOT NULL,
	`video_codec` text NOT NULL,
	`audio_codec` text,
	`width` integer NOT NULL,
	`height` integer NOT NULL,
	`frames` integer NOT NULL,
	`key_frames` integer NOT NULL,
	`bytes` integer NOT NULL,
	`sha256` text,
	`volume_id` text NOT NULL,
	`path` text NOT NULL,
	`status` text NOT NULL,
	`end_reason` text,
	`refilled` integer NOT NULL,
	`detail` text
);
--> statement-breakpoint
CREATE INDEX `segments_damaged` ON `segments` (`device_id`) WHERE status in ('damaged', 'missing');--> statement-breakpoint
CREATE INDEX `segments_device_started` ON `segments` (`device_id`,`started_at`);--> statement-breakpoint
CREATE INDEX `segments_device_ended` ON `segments` (`device_id`,`ended_at`);--> statement-breakpoint
CREATE INDEX `segments_volume` ON `segments` (`volume_id`,`started_at`);--> statement-breakpoint
CREATE TABLE `volumes` (
	`id` text PRIMARY KEY NOT NULL,
	`agent_id` text NOT NULL,
	`name` text NOT NULL,
	`tier` text NOT NULL,
	`path` text NOT NULL,
	`floor_bytes` integer NOT NULL,
	`enabled` integer NOT NULL,
	`state` text
);
--> statement-breakpoint
CREATE INDEX `volumes_agent` ON `volumes` (`agent_id`);--> statement-breakpoint
DROP INDEX `devices_identity`;--> statement-breakpoint
CREATE UNIQUE INDEX `devices_agent_identity` ON `devices` (`agent_id`,`identity_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `devices_identity` ON `devices` (`identity_key`) WHERE "devices"."agent_id" is null;