CREATE TABLE "lock_confirmations" (
	"lock_id" text NOT NULL,
	"agent_id" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "lock_confirmations_lock_id_agent_id_pk" PRIMARY KEY("lock_id","agent_id")
);
--> statement-breakpoint
CREATE TABLE "recording_days" (
	"device_id" text NOT NULL,
	"day" text NOT NULL,
	"time_zone" text NOT NULL,
	"from_at" bigint NOT NULL,
	"to_at" bigint NOT NULL,
	"wanted_ms" bigint NOT NULL,
	"recorded_ms" bigint NOT NULL,
	"missing" jsonb NOT NULL,
	"as_of" bigint NOT NULL,
	"stale" boolean NOT NULL,
	CONSTRAINT "recording_days_device_id_day_pk" PRIMARY KEY("device_id","day")
);
--> statement-breakpoint
DROP INDEX "gaps_device_to";--> statement-breakpoint
DROP INDEX "locks_review";--> statement-breakpoint
DROP INDEX "segments_device_ended";--> statement-breakpoint
DROP INDEX "segments_damaged";--> statement-breakpoint
ALTER TABLE "recording_cursors" ADD COLUMN "left_out" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "recording_cursors" ADD COLUMN "left_out_at" bigint;--> statement-breakpoint
ALTER TABLE "recording_cursors" ADD COLUMN "left_out_detail" text;--> statement-breakpoint
CREATE INDEX "gaps_to" ON "recording_gaps" USING btree ("to_at");--> statement-breakpoint
CREATE INDEX "locks_held" ON "footage_locks" USING btree ("device_id","from_at") WHERE released_at is null;--> statement-breakpoint
CREATE INDEX "segments_device_agent" ON "segments" USING btree ("device_id","agent_id","started_at");--> statement-breakpoint
CREATE INDEX "segments_damaged" ON "segments" USING btree ("device_id","agent_id") WHERE status in ('damaged', 'missing');