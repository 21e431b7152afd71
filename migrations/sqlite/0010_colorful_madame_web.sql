ALTER TABLE `clips` ADD `refilled` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `recording_gaps` ADD `refill` text;