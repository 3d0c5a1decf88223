-- One dialect: PostgreSQL, and H2 in its mode PostgreSQL.

-- Namespaces of which each account may build upon the images that it may read.
create table trusted_namespace (
  name varchar(255) primary key
);

insert into trusted_namespace (name) values ('library');

-- Which repositories an account has opened to pull them: requests with a password name none.
create table opened_repository (
  -- A user or robot.
  account varchar(512) not null,
  namespace varchar(255) not null,
  repository varchar(255) not null,
  expires_at timestamp with time zone not null,
  primary key (account, namespace, repository)
);

-- What a client has sent lies in the staging area of the store until it is complete.
alter table image_claimant drop column layer;
