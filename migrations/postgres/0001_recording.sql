CREATE TABLE "bookmarks" (
	"id" text PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"device_name" text NOT NULL,
	"group_id" text,
	"at" bigint NOT NULL,
	"note" text NOT NULL,
	"author_id" text NOT NULL,
	"author_name" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "camera_events" (
	"id" text PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"type" text NOT NULL,
	"source" text NOT NULL,
	"from_at" bigint NOT NULL,
	"to_at" bigint,
	"data" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "clips" (
	"id" text PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"device_name" text NOT NULL,
	"group_id" text,
	"requested_from" bigint NOT NULL,
	"requested_to" bigint NOT NULL,
	"delivered_from" bigint,
	"delivered_to" bigint,
	"status" text NOT NULL,
	"bytes" bigint,
	"done_bytes" bigint NOT NULL,
	"sha256" text,
	"masked" boolean NOT NULL,
	"gaps" jsonb NOT NULL,
	"failure" jsonb,
	"reason" text NOT NULL,
	"created_at" bigint NOT NULL,
	"created_by_id" text NOT NULL,
	"created_by" text NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recording_gaps" (
	"id" text PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"agent_id" text NOT NULL,
	"from_at" bigint NOT NULL,
	"to_at" bigint,
	"seen_cause" text NOT NULL,
	"seen_detail" text DEFAULT '' NOT NULL,
	"cause" text NOT NULL,
	"detail" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "footage_locks" (
	"id" text PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"device_name" text NOT NULL,
	"group_id" text,
	"from_at" bigint NOT NULL,
	"to_at" bigint NOT NULL,
	"reason" text NOT NULL,
	"reference" text NOT NULL,
	"owner_id" text NOT NULL,
	"owner_name" text NOT NULL,
	"created_at" bigint NOT NULL,
	"review_at" bigint NOT NULL,
	"released_at" bigint,
	"released_by" text,
	"release_reason" text,
	"confirmed_at" bigint
);
--> statement-breakpoint
CREATE TABLE "recording_cursors" (
	"agent_id" text PRIMARY KEY NOT NULL,
	"index_id" text NOT NULL,
	"cursor" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recording_policies" (
	"scope" text NOT NULL,
	"scope_id" text NOT NULL,
	"policy" jsonb NOT NULL,
	"updated_at" bigint NOT NULL,
	"updated_by" text NOT NULL,
	CONSTRAINT "recording_policies_scope_scope_id_pk" PRIMARY KEY("scope","scope_id")
);
--> statement-breakpoint
CREATE TABLE "segments" (
	"id" text PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"agent_id" text NOT NULL,
	"profile" text NOT NULL,
	"run_id" text NOT NULL,
	"run_offset_ms" bigint NOT NULL,
	"started_at" bigint NOT NULL,
	"ended_at" bigint NOT NULL,
	"media_ms" bigint NOT NULL,
	"video_codec" text NOT NULL,
	"audio_codec" text,
	"width" bigint NOT NULL,
	"height" bigint NOT NULL,
	"frames" bigint NOT NULL,
	"key_frames" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text,
	"volume_id" text NOT NULL,
	"path" text NOT NULL,
	"status" text NOT NULL,
	"end_reason" text,
	"refilled" boolean NOT NULL,
	"detail" text
);
--> statement-breakpoint
CREATE TABLE "volumes" (
	"id" text PRIMARY KEY NOT NULL,
	"agent_id" text NOT NULL,
	"name" text NOT NULL,
	"tier" text NOT NULL,
	"path" text NOT NULL,
	"floor_bytes" bigint NOT NULL,
	"enabled" boolean NOT NULL,
	"state" jsonb
);
--> statement-breakpoint
DROP INDEX "devices_identity";--> statement-breakpoint
CREATE INDEX "bookmarks_device" ON "bookmarks" USING btree ("device_id","at");--> statement-breakpoint
CREATE INDEX "camera_events_device" ON "camera_events" USING btree ("device_id","from_at");--> statement-breakpoint
CREATE INDEX "camera_events_from" ON "camera_events" USING btree ("from_at");--> statement-breakpoint
CREATE INDEX "clips_created" ON "clips" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "clips_owner" ON "clips" USING btree ("created_by_id","created_at");--> statement-breakpoint
CREATE INDEX "gaps_device" ON "recording_gaps" USING btree ("device_id","from_at");--> statement-breakpoint
CREATE INDEX "gaps_device_to" ON "recording_gaps" USING btree ("device_id","to_at");--> statement-breakpoint
CREATE INDEX "locks_device" ON "footage_locks" USING btree ("device_id","from_at");--> statement-breakpoint
CREATE INDEX "locks_review" ON "footage_locks" USING btree ("review_at");--> statement-breakpoint
CREATE INDEX "segments_damaged" ON "segments" USING btree ("device_id") WHERE status in ('damaged', 'missing');--> statement-breakpoint
CREATE INDEX "segments_device_started" ON "segments" USING btree ("device_id","started_at");--> statement-breakpoint
CREATE INDEX "segments_device_ended" ON "segments" USING btree ("device_id","ended_at");--> statement-breakpoint
CREATE INDEX "segments_volume" ON "segments" USING btree ("volume_id","started_at");--> statement-breakpoint
CREATE INDEX "volumes_agent" ON "volumes" USING btree ("agent_id");--> statement-breakpoint
CREATE UNIQUE INDEX "devices_agent_identity" ON "devices" USING btree ("agent_id","identity_key");--> statement-breakpoint
CREATE UNIQUE INDEX "devices_identity" ON "devices" USING btree ("identity_key") WHERE "devices"."agent_id" is null;