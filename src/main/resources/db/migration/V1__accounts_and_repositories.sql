-- One dialect: PostgreSQL, and H2 in its mode PostgreSQL.

create table account (
  name varchar(255) primary key,
  email varchar(254) not null,
  -- Null when passwords are checked elsewhere.
  password_hash varchar(255),
  active boolean not null,
  admin boolean not null,
  must_change_password boolean not null,
  -- Begins at random, so that an account made anew under an old name is another one.
  version bigint not null,
  created_at timestamp with time zone not null
);

create table team (
  name varchar(255) primary key,
  created_at timestamp with time zone not null
);

create table team_member (
  team varchar(255) not null references team (name) on delete cascade,
  account varchar(255) not null references account (name) on delete cascade,
  primary key (team, account)
);

create index team_member_account on team_member (account);

create table namespace (
  name varchar(255) primary key,
  owner_account varchar(255) references account (name),
  owner_team varchar(255) references team (name),
  constraint namespace_owner check ((owner_account is null) <> (owner_team is null))
);

create index namespace_owner_account on namespace (owner_account);
create index namespace_owner_team on namespace (owner_team);

create table namespace_member (
  namespace varchar(255) not null references namespace (name) on delete cascade,
  account varchar(255) references account (name) on delete cascade,
  team varchar(255) references team (name) on delete cascade,
  role varchar(5) not null,
  constraint namespace_member_account unique (namespace, account),
  constraint namespace_member_team unique (namespace, team),
  constraint namespace_member_kind check ((account is null) <> (team is null))
);

create index namespace_member_by_account on namespace_member (account);
create index namespace_member_by_team on namespace_member (team);

create table robot (
  namespace varchar(255) not null references namespace (name) on delete cascade,
  name varchar(255) not null,
  role varchar(5) not null,
  created_at timestamp with time zone not null,
  primary key (namespace, name)
);

create table robot_credential (
  id varchar(36) primary key,
  namespace varchar(255) not null,
  robot varchar(255) not null,
  -- SHA-256 in hexadecimal digits of a random secret, which needs no salt.
  secret_hash varchar(64) not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  revoked boolean not null,
  foreign key (namespace, robot) references robot (namespace, name) on delete cascade
);

create index robot_credential_robot on robot_credential (namespace, robot);

create table repository (
  namespace varchar(255) not null,
  name varchar(255) not null,
  visibility varchar(7) not null,
  primary key (namespace, name)
);

-- Repositories are named here before they have a row, and images before they are sent.
create table image_claim (
  namespace varchar(255) not null,
  repository varchar(255) not null,
  image varchar(64) not null,
  state varchar(7) not null,
  primary key (namespace, repository, image)
);

create index image_claim_image on image_claim (image);

-- Who claims an image for a repository that does not have it yet.
create table image_claimant (
  namespace varchar(255) not null,
  repository varchar(255) not null,
  image varchar(64) not null,
  -- A user or robot.
  claimant varchar(512) not null,
  -- The checksum of the layer that this one sent last; null before.
  layer varchar(80),
  primary key (namespace, repository, image, claimant)
);

create index image_claimant_image on image_claimant (image, claimant);

create table signing_key (
  -- Whoever makes the next one first wins.
  generation integer primary key,
  id varchar(22) not null unique,
  -- Base64.
  secret varchar(64) not null,
  created_at timestamp with time zone not null
);
