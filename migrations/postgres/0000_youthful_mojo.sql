CREATE TABLE "agents" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"embedded" boolean NOT NULL,
	"public_key" text NOT NULL,
	"version" text NOT NULL,
	"protocol" bigint NOT NULL,
	"enrolled_at" bigint NOT NULL,
	"revoked_at" bigint,
	"last_seen_at" bigint,
	"clock_offset_ms" double precision,
	"committed_seq" bigint DEFAULT 0 NOT NULL,
	"status" jsonb
);
--> statement-breakpoint
CREATE TABLE "alarms" (
	"id" text PRIMARY KEY NOT NULL,
	"device_id" text,
	"device_name" text NOT NULL,
	"device_kind" text,
	"agent_id" text,
	"group_id" text,
	"site_name" text,
	"search_text" text DEFAULT '' NOT NULL,
	"source_id" text NOT NULL,
	"condition" text NOT NULL,
	"subject" text NOT NULL,
	"severity" text NOT NULL,
	"raised_at" bigint NOT NULL,
	"cleared_at" bigint,
	"acknowledged_at" bigint,
	"acknowledged_by" text,
	"acknowledge_comment" text,
	"failure" jsonb,
	"affected_count" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"user_id" text,
	"login" text NOT NULL,
	"ip" text NOT NULL,
	"action" text NOT NULL,
	"subject_kind" text NOT NULL,
	"subject_id" text NOT NULL,
	"details" jsonb NOT NULL,
	"prev_hash" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "camera_groups" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"note" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "device_credentials" (
	"device_id" text PRIMARY KEY NOT NULL,
	"sealed" text NOT NULL,
	"username" text,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "device_states" (
	"device_id" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"since" bigint NOT NULL,
	"observed_at" bigint,
	"reason" jsonb,
	"cause_device_id" text,
	"rtt_ms" double precision,
	"clock_offset_ms" double precision,
	"streams" jsonb NOT NULL,
	"identity" jsonb,
	"memory" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "devices" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"search_text" text NOT NULL,
	"site_id" text,
	"group_id" text,
	"address" text NOT NULL,
	"identity_key" text NOT NULL,
	"agent_id" text,
	"parent_id" text,
	"parent_port" text,
	"note" text NOT NULL,
	"enabled" boolean NOT NULL,
	"settings" jsonb NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "discovery_ranges" (
	"id" text PRIMARY KEY NOT NULL,
	"cidr" text NOT NULL,
	"agent_id" text,
	"note" text NOT NULL,
	"created_at" bigint NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "enrolment_tokens" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"embedded" boolean NOT NULL,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint
);
--> statement-breakpoint
CREATE TABLE "layouts" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"owner_id" text,
	"shared" boolean NOT NULL,
	"grid" bigint NOT NULL,
	"cells" jsonb NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "one_time_links" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"purpose" text NOT NULL,
	"user_id" text,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint
);
--> statement-breakpoint
CREATE TABLE "ports" (
	"device_id" text NOT NULL,
	"if_index" bigint NOT NULL,
	"name" text NOT NULL,
	"port" jsonb NOT NULL,
	"since" bigint NOT NULL,
	CONSTRAINT "ports_device_id_if_index_pk" PRIMARY KEY("device_id","if_index")
);
--> statement-breakpoint
CREATE TABLE "samples" (
	"device_id" text NOT NULL,
	"at" bigint NOT NULL,
	"names_key" text NOT NULL,
	"numbers" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "series_names" (
	"key" text PRIMARY KEY NOT NULL,
	"names" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"token_hash" text NOT NULL,
	"user_id" text NOT NULL,
	"created_at" bigint NOT NULL,
	"last_seen_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"ip" text NOT NULL,
	"user_agent" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sites" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"address" text NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"note" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "state_history" (
	"id" text PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"at" bigint NOT NULL,
	"from_state" text,
	"to_state" text NOT NULL,
	"reason" jsonb,
	"cause_device_id" text
);
--> statement-breakpoint
CREATE TABLE "discovery_suggestions" (
	"id" text PRIMARY KEY NOT NULL,
	"agent_id" text NOT NULL,
	"address" text NOT NULL,
	"finding" jsonb NOT NULL,
	"first_seen_at" bigint NOT NULL,
	"last_seen_at" bigint NOT NULL,
	"status" text NOT NULL,
	"device_id" text
);
--> statement-breakpoint
CREATE TABLE "user_camera_groups" (
	"user_id" text NOT NULL,
	"group_id" text NOT NULL,
	CONSTRAINT "user_camera_groups_user_id_group_id_pk" PRIMARY KEY("user_id","group_id")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"login" text NOT NULL,
	"login_key" text NOT NULL,
	"display_name" text NOT NULL,
	"roles" jsonb NOT NULL,
	"all_groups" boolean NOT NULL,
	"language" text NOT NULL,
	"password_hash" text,
	"disabled_at" bigint,
	"created_at" bigint NOT NULL,
	"last_login_at" bigint,
	"failed_logins" bigint DEFAULT 0 NOT NULL,
	"locked_until" bigint
);
--> statement-breakpoint
CREATE TABLE "wall_clock" (
	"id" bigint PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "wall_events" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"group_id" text,
	"is_camera" boolean NOT NULL,
	"change" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "device_credentials" ADD CONSTRAINT "device_credentials_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_states" ADD CONSTRAINT "device_states_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sites"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_group_id_camera_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."camera_groups"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discovery_ranges" ADD CONSTRAINT "discovery_ranges_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "layouts" ADD CONSTRAINT "layouts_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "one_time_links" ADD CONSTRAINT "one_time_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ports" ADD CONSTRAINT "ports_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "state_history" ADD CONSTRAINT "state_history_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discovery_suggestions" ADD CONSTRAINT "discovery_suggestions_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discovery_suggestions" ADD CONSTRAINT "discovery_suggestions_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_camera_groups" ADD CONSTRAINT "user_camera_groups_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_camera_groups" ADD CONSTRAINT "user_camera_groups_group_id_camera_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."camera_groups"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "agents_name" ON "agents" USING btree ("name");--> statement-breakpoint
CREATE UNIQUE INDEX "alarms_one_open" ON "alarms" USING btree ("source_id","condition","subject") WHERE cleared_at is null;--> statement-breakpoint
CREATE INDEX "alarms_raised" ON "alarms" USING btree ("raised_at");--> statement-breakpoint
CREATE INDEX "alarms_device" ON "alarms" USING btree ("device_id","raised_at");--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "camera_groups_name" ON "camera_groups" USING btree ("name");--> statement-breakpoint
CREATE UNIQUE INDEX "devices_identity" ON "devices" USING btree ("identity_key");--> statement-breakpoint
CREATE INDEX "devices_agent" ON "devices" USING btree ("agent_id");--> statement-breakpoint
CREATE INDEX "devices_parent" ON "devices" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "devices_name" ON "devices" USING btree ("name");--> statement-breakpoint
CREATE INDEX "samples_device" ON "samples" USING btree ("device_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "sessions_token" ON "sessions" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "sites_name" ON "sites" USING btree ("name");--> statement-breakpoint
CREATE INDEX "state_history_device" ON "state_history" USING btree ("device_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "suggestions_address" ON "discovery_suggestions" USING btree ("agent_id","address");--> statement-breakpoint
CREATE UNIQUE INDEX "users_login" ON "users" USING btree ("login_key");