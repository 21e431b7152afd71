CREATE TABLE `plant_cables` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`a_node_id` text NOT NULL,
	`b_node_id` text NOT NULL,
	`strands` integer NOT NULL,
	`strands_per_tube` integer NOT NULL,
	`colour_code` text NOT NULL,
	`fibre` text NOT NULL,
	`length_m` real,
	`route_ratio` real,
	`route` text,
	`slack` text NOT NULL,
	`note` text NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL,
	FOREIGN KEY (`a_node_id`) REFERENCES `plant_nodes`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`b_node_id`) REFERENCES `plant_nodes`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `plant_cables_name` ON `plant_cables` (`name`);--> statement-breakpoint
CREATE INDEX `plant_cables_a` ON `plant_cables` (`a_node_id`);--> statement-breakpoint
CREATE INDEX `plant_cables_b` ON `plant_cables` (`b_node_id`);--> statement-breakpoint
CREATE TABLE `plant_joint_points` (
	`point` text PRIMARY KEY NOT NULL,
	`joint_id` text NOT NULL,
	`cable_id` text,
	`node_id` text,
	`device_id` text,
	FOREIGN KEY (`joint_id`) REFERENCES `plant_joints`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`cable_id`) REFERENCES `plant_cables`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`node_id`) REFERENCES `plant_nodes`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `plant_joint_points_joint` ON `plant_joint_points` (`joint_id`);--> statement-breakpoint
CREATE INDEX `plant_joint_points_cable` ON `plant_joint_points` (`cable_id`);--> statement-breakpoint
CREATE INDEX `plant_joint_points_node` ON `plant_joint_points` (`node_id`);--> statement-breakpoint
CREATE TABLE `plant_joints` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`loss_db` real,
	`note` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `otdr_traces` (
	`id` text PRIMARY KEY NOT NULL,
	`cable_id` text NOT NULL,
	`strand` integer NOT NULL,
	`cable_end` text NOT NULL,
	`wavelength_nm` integer NOT NULL,
	`file_name` text NOT NULL,
	`sha256` text NOT NULL,
	`bytes` blob NOT NULL,
	`file` text NOT NULL,
	`launch_m` real NOT NULL,
	`is_reference` integer NOT NULL,
	`note` text NOT NULL,
	`taken_at` integer NOT NULL,
	`uploaded_at` integer NOT NULL,
	`uploaded_by` text NOT NULL,
	FOREIGN KEY (`cable_id`) REFERENCES `plant_cables`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `otdr_traces_once` ON `otdr_traces` (`cable_id`,`strand`,`cable_end`,`sha256`);--> statement-breakpoint
CREATE INDEX `otdr_traces_uploaded` ON `otdr_traces` (`uploaded_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `otdr_traces_reference` ON `otdr_traces` (`cable_id`,`strand`,`cable_end`,`wavelength_nm`) WHERE "otdr_traces"."is_reference";--> statement-breakpoint
CREATE TABLE `plant_nodes` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`site_id` text,
	`latitude` real,
	`longitude` real,
	`positions` integer NOT NULL,
	`note` text NOT NULL,
	FOREIGN KEY (`site_id`) REFERENCES `sites`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `plant_nodes_name` ON `plant_nodes` (`name`);