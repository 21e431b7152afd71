CREATE TABLE "device_hardware" (
	"device_id" text PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"modules" jsonb NOT NULL,
	"sensors" jsonb NOT NULL,
	"poe" jsonb,
	"light" jsonb NOT NULL,
	"failed" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "light_limits" (
	"device_id" text NOT NULL,
	"port" text NOT NULL,
	"rx" jsonb,
	"tx" jsonb,
	"updated_at" bigint NOT NULL,
	"updated_by" text NOT NULL,
	CONSTRAINT "light_limits_device_id_port_pk" PRIMARY KEY("device_id","port")
);
--> statement-breakpoint
ALTER TABLE "device_hardware" ADD CONSTRAINT "device_hardware_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "light_limits" ADD CONSTRAINT "light_limits_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE cascade ON UPDATE no action;