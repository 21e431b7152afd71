CREATE TABLE `approved_firmware` (
	`manufacturer` text NOT NULL,
	`model` text NOT NULL,
	`version` text NOT NULL,
	`approved_at` integer NOT NULL,
	`approved_by` text NOT NULL,
	PRIMARY KEY(`manufacturer`, `model`, `version`)
);
--> statement-breakpoint
CREATE TABLE `camera_compliance` (
	`device_id` text PRIMARY KEY NOT NULL,
	`report` text,
	`checks` text,
	`counts` text,
	`logins` text
);
--> statement-breakpoint
ALTER TABLE `device_credentials` ADD `strength` text;