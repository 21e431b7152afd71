DROP INDEX "camera_events_device";--> statement-breakpoint
CREATE INDEX "recording_days_due" ON "recording_days" USING btree ("as_of") WHERE stale or as_of < to_at;--> statement-breakpoint
CREATE INDEX "camera_events_device" ON "camera_events" USING btree ("device_id","from_at","type","to_at");