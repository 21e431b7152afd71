CREATE TABLE "camera_ptz" (
	"device_id" text PRIMARY KEY NOT NULL,
	"abilities" jsonb,
	"presets" jsonb NOT NULL,
	"names" jsonb NOT NULL,
	"tours" jsonb NOT NULL,
	"running_tour_id" text,
	"found_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "camera_masks" ADD COLUMN "head_position" jsonb;