-- What search knows of the repositories of the store. The store is the truth.
create table search_repository (
  namespace varchar(255) not null,
  name varchar(255) not null,
  is_private boolean not null,
  description varchar(255) not null,
  -- Not when it was removed: then the row is kept for a while, for those who have to hear of it.
  present boolean not null,
  -- Grows with each change of any row, in the order in which changes can be seen.
  revision bigint not null,
  -- The last scan of the store that came by it.
  seen bigint not null,
  primary key (namespace, name)
);

create unique index search_repository_revision on search_repository (revision);

-- One row, which whoever changes the table above locks first.
create table search_state (
  id integer primary key,
  -- The highest that any row has, or had.
  revision bigint not null,
  -- Rows of removed repositories are gone up to this revision.
  forgotten bigint not null,
  -- How many scans of the store were begun, and the last that came to its end.
  started bigint not null,
  finished bigint not null,
  -- Who scans the store, and until when that is believed.
  holder varchar(36),
  held_until timestamp with time zone
);

insert into search_state (id, revision, forgotten, started, finished) values (1, 0, 0, 0, 0);
