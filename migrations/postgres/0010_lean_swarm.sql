ALTER TABLE "clips" ADD COLUMN "refilled" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "recording_gaps" ADD COLUMN "refill" jsonb;