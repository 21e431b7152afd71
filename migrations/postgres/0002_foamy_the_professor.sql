CREATE TABLE "event_rules" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"rule" jsonb NOT NULL,
	"updated_at" bigint NOT NULL,
	"updated_by" text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "event_rules_name" ON "event_rules" USING btree ("name");--> statement-breakpoint
CREATE UNIQUE INDEX "camera_events_one_open" ON "camera_events" USING btree ("device_id","type","source") WHERE to_at is null;