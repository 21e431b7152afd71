CREATE TABLE `agents` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`embedded` integer NOT NULL,
	`public_key` text NOT NULL,
	`version` text NOT NULL,
	`protocol` integer NOT NULL,
	`enrolled_at` integer NOT NULL,
	`revoked_at` integer,
	`last_seen_at` integer,
	`clock_offset_ms` real,
	`committed_seq` integer DEFAULT 0 NOT NULL,
	`status` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `agents_name` ON `agents` (`name`);--> statement-breakpoint
CREATE TABLE `alarms` (
	`id` text PRIMARY KEY NOT NULL,
	`device_id` text,
	`device_name` text NOT NULL,
	`device_kind` text,
	`agent_id` text,
	`group_id` text,
	`site_name` text,
	`search_text` text DEFAULT '' NOT NULL,
	`source_id` text NOT NULL,
	`condition` text NOT NULL,
	`subject` text NOT NULL,
	`severity` text NOT NULL,
	`raised_at` integer NOT NULL,
	`cleared_at` integer,
	`acknowledged_at` integer,
	`acknowledged_by` text,
	`acknowledge_comment` text,
	`failure` text,
	`affected_count` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alarms_one_open` ON `alarms` (`source_id`,`condition`,`subject`) WHERE cleared_at is null;--> statement-breakpoint
CREATE INDEX `alarms_raised` ON `alarms` (`raised_at`);--> statement-breakpoint
CREATE INDEX `alarms_device` ON `alarms` (`device_id`,`raised_at`);--> statement-breakpoint
CREATE TABLE `audit` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`user_id` text,
	`login` text NOT NULL,
	`ip` text NOT NULL,
	`action` text NOT NULL,
	`subject_kind` text NOT NULL,
	`subject_id` text NOT NULL,
	`details` text NOT NULL,
	`prev_hash` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);--> statement-breakpoint
CREATE TABLE `camera_groups` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`note` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `camera_groups_name` ON `camera_groups` (`name`);--> statement-breakpoint
CREATE TABLE `device_credentials` (
	`device_id` text PRIMARY KEY NOT NULL,
	`sealed` text NOT NULL,
	`username` text,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `device_states` (
	`device_id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`since` integer NOT NULL,
	`observed_at` integer,
	`reason` text,
	`cause_device_id` text,
	`rtt_ms` real,
	`clock_offset_ms` real,
	`streams` text NOT NULL,
	`identity` text,
	`memory` text NOT NULL,
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `devices` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`search_text` text NOT NULL,
	`site_id` text,
	`group_id` text,
	`address` text NOT NULL,
	`identity_key` text NOT NULL,
	`agent_id` text,
	`parent_id` text,
	`parent_port` text,
	`note` text NOT NULL,
	`enabled` integer NOT NULL,
	`settings` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`site_id`) REFERENCES `sites`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`group_id`) REFERENCES `camera_groups`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`agent_id`) REFERENCES `agents`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `devices_identity` ON `devices` (`identity_key`);--> statement-breakpoint
CREATE INDEX `devices_agent` ON `devices` (`agent_id`);--> statement-breakpoint
CREATE INDEX `devices_parent` ON `devices` (`parent_id`);--> statement-breakpoint
CREATE INDEX `devices_name` ON `devices` (`name`);--> statement-breakpoint
CREATE TABLE `discovery_ranges` (
	`id` text PRIMARY KEY NOT NULL,
	`cidr` text NOT NULL,
	`agent_id` text,
	`note` text NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	FOREIGN KEY (`agent_id`) REFERENCES `agents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `enrolment_tokens` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`embedded` integer NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE TABLE `layouts` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`owner_id` text,
	`shared` integer NOT NULL,
	`grid` integer NOT NULL,
	`cells` text NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `one_time_links` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`user_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `ports` (
	`device_id` text NOT NULL,
	`if_index` integer NOT NULL,
	`name` text NOT NULL,
	`port` text NOT NULL,
	`since` integer NOT NULL,
	PRIMARY KEY(`device_id`, `if_index`),
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `samples` (
	`device_id` text NOT NULL,
	`at` integer NOT NULL,
	`names_key` text NOT NULL,
	`numbers` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `samples_device` ON `samples` (`device_id`,`at`);--> statement-breakpoint
CREATE TABLE `series_names` (
	`key` text PRIMARY KEY NOT NULL,
	`names` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`token_hash` text NOT NULL,
	`user_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ip` text NOT NULL,
	`user_agent` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_token` ON `sessions` (`token_hash`);--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE TABLE `settings` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sites` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`address` text NOT NULL,
	`latitude` real,
	`longitude` real,
	`note` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sites_name` ON `sites` (`name`);--> statement-breakpoint
CREATE TABLE `state_history` (
	`id` text PRIMARY KEY NOT NULL,
	`device_id` text NOT NULL,
	`at` integer NOT NULL,
	`from_state` text,
	`to_state` text NOT NULL,
	`reason` text,
	`cause_device_id` text,
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `state_history_device` ON `state_history` (`device_id`,`at`);--> statement-breakpoint
CREATE TABLE `discovery_suggestions` (
	`id` text PRIMARY KEY NOT NULL,
	`agent_id` text NOT NULL,
	`address` text NOT NULL,
	`finding` text NOT NULL,
	`first_seen_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`status` text NOT NULL,
	`device_id` text,
	FOREIGN KEY (`agent_id`) REFERENCES `agents`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `suggestions_address` ON `discovery_suggestions` (`agent_id`,`address`);--> statement-breakpoint
CREATE TABLE `user_camera_groups` (
	`user_id` text NOT NULL,
	`group_id` text NOT NULL,
	PRIMARY KEY(`user_id`, `group_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`group_id`) REFERENCES `camera_groups`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`login` text NOT NULL,
	`login_key` text NOT NULL,
	`display_name` text NOT NULL,
	`roles` text NOT NULL,
	`all_groups` integer NOT NULL,
	`language` text NOT NULL,
	`password_hash` text,
	`disabled_at` integer,
	`created_at` integer NOT NULL,
	`last_login_at` integer,
	`failed_logins` integer DEFAULT 0 NOT NULL,
	`locked_until` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_login` ON `users` (`login_key`);--> statement-breakpoint
CREATE TABLE `wall_clock` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `wall_events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`group_id` text,
	`is_camera` integer NOT NULL,
	`change` text NOT NULL
);
