DROP INDEX "devices_identity";--> statement-breakpoint
CREATE UNIQUE INDEX "devices_agent_identity" ON "devices" USING btree ("agent_id","identity_key");--> statement-breakpoint
CREATE UNIQUE INDEX "devices_identity" ON "devices" USING btree ("identity_key") WHERE "devices"."agent_id" is null;