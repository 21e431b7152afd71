CREATE TABLE "camera_masks" (
	"device_id" text PRIMARY KEY NOT NULL,
	"regions" jsonb NOT NULL,
	"updated_at" bigint NOT NULL,
	"updated_by" text NOT NULL
);
