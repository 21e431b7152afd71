CREATE TABLE "plant_cables" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"a_node_id" text NOT NULL,
	"b_node_id" text NOT NULL,
	"strands" bigint NOT NULL,
	"strands_per_tube" bigint NOT NULL,
	"colour_code" text NOT NULL,
	"fibre" text NOT NULL,
	"length_m" double precision,
	"route_ratio" double precision,
	"route" jsonb,
	"slack" jsonb NOT NULL,
	"note" text NOT NULL,
	"updated_at" bigint NOT NULL,
	"updated_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "plant_joint_points" (
	"point" text PRIMARY KEY NOT NULL,
	"joint_id" text NOT NULL,
	"cable_id" text,
	"node_id" text,
	"device_id" text
);
--> statement-breakpoint
CREATE TABLE "plant_joints" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"loss_db" double precision,
	"note" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "otdr_traces" (
	"id" text PRIMARY KEY NOT NULL,
	"cable_id" text NOT NULL,
	"strand" bigint NOT NULL,
	"cable_end" text NOT NULL,
	"wavelength_nm" bigint NOT NULL,
	"file_name" text NOT NULL,
	"sha256" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"file" jsonb NOT NULL,
	"launch_m" double precision NOT NULL,
	"is_reference" boolean NOT NULL,
	"note" text NOT NULL,
	"taken_at" bigint NOT NULL,
	"uploaded_at" bigint NOT NULL,
	"uploaded_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "plant_nodes" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"site_id" text,
	"latitude" double precision,
	"longitude" double precision,
	"positions" bigint NOT NULL,
	"note" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "plant_cables" ADD CONSTRAINT "plant_cables_a_node_id_plant_nodes_id_fk" FOREIGN KEY ("a_node_id") REFERENCES "public"."plant_nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plant_cables" ADD CONSTRAINT "plant_cables_b_node_id_plant_nodes_id_fk" FOREIGN KEY ("b_node_id") REFERENCES "public"."plant_nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plant_joint_points" ADD CONSTRAINT "plant_joint_points_joint_id_plant_joints_id_fk" FOREIGN KEY ("joint_id") REFERENCES "public"."plant_joints"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plant_joint_points" ADD CONSTRAINT "plant_joint_points_cable_id_plant_cables_id_fk" FOREIGN KEY ("cable_id") REFERENCES "public"."plant_cables"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plant_joint_points" ADD CONSTRAINT "plant_joint_points_node_id_plant_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."plant_nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plant_joint_points" ADD CONSTRAINT "plant_joint_points_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "otdr_traces" ADD CONSTRAINT "otdr_traces_cable_id_plant_cables_id_fk" FOREIGN KEY ("cable_id") REFERENCES "public"."plant_cables"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plant_nodes" ADD CONSTRAINT "plant_nodes_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sites"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "plant_cables_name" ON "plant_cables" USING btree ("name");--> statement-breakpoint
CREATE INDEX "plant_cables_a" ON "plant_cables" USING btree ("a_node_id");--> statement-breakpoint
CREATE INDEX "plant_cables_b" ON "plant_cables" USING btree ("b_node_id");--> statement-breakpoint
CREATE INDEX "plant_joint_points_joint" ON "plant_joint_points" USING btree ("joint_id");--> statement-breakpoint
CREATE INDEX "plant_joint_points_cable" ON "plant_joint_points" USING btree ("cable_id");--> statement-breakpoint
CREATE INDEX "plant_joint_points_node" ON "plant_joint_points" USING btree ("node_id");--> statement-breakpoint
CREATE UNIQUE INDEX "otdr_traces_once" ON "otdr_traces" USING btree ("cable_id","strand","cable_end","sha256");--> statement-breakpoint
CREATE INDEX "otdr_traces_uploaded" ON "otdr_traces" USING btree ("uploaded_at");--> statement-breakpoint
CREATE UNIQUE INDEX "otdr_traces_reference" ON "otdr_traces" USING btree ("cable_id","strand","cable_end","wavelength_nm") WHERE "otdr_traces"."is_reference";--> statement-breakpoint
CREATE UNIQUE INDEX "plant_nodes_name" ON "plant_nodes" USING btree ("name");