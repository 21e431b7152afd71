CREATE TABLE "approved_firmware" (
	"manufacturer" text NOT NULL,
	"model" text NOT NULL,
	"version" text NOT NULL,
	"approved_at" bigint NOT NULL,
	"approved_by" text NOT NULL,
	CONSTRAINT "approved_firmware_manufacturer_model_version_pk" PRIMARY KEY("manufacturer","model","version")
);
--> statement-breakpoint
CREATE TABLE "camera_compliance" (
	"device_id" text PRIMARY KEY NOT NULL,
	"report" jsonb,
	"checks" jsonb,
	"counts" jsonb,
	"logins" jsonb
);
--> statement-breakpoint
ALTER TABLE "device_credentials" ADD COLUMN "strength" text;