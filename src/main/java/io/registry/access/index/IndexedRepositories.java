package io.registry.access.index;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.database.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The repositories that the index has recorded, with their visibility. */
public final class IndexedRepositories {
  private final Database database;

  IndexedRepositories(Database database) {
    this.database = database;
  }

  /** The visibility of a repository; empty when it is not recorded. */
  public Optional<Visibility> visibility(RepositoryName repository) {
    return database
        .sql(
            """
                        select visibility from repository
                        where namespace = :namespace and name = :name""")
        .param("namespace", repository.namespace())
        .param("name", repository.name())
        .query(String.class)
        .optional()
        .map(Visibility::valueOf);
  }

  /** Sets the visibility of a repository, and records the repository if necessary. */
  public void setVisibility(RepositoryName repository, Visibility visibility) {
    // If another process inserts the row at the same time, the update below finds it.
    database.together(
        client -> {
          int changed = change(client, repository, visibility);
          changed += changed > 0 ? 0 : add(client, repository, visibility);
          return changed > 0 ? changed : change(client, repository, visibility);
        });
  }

  /**
   * Records a repository, unless it is recorded already.
   *
   * @return whether it was added
   */
  public boolean createIfAbsent(RepositoryName repository, Visibility visibility) {
    return add(database.statements(), repository, visibility) > 0;
  }

  private static int change(JdbcClient client, RepositoryName repository, Visibility visibility) {
    return client
        .sql(
            """
            update repository set visibility = :visibility
            where namespace = :namespace and name = :name""")
        .param("namespace", repository.namespace())
        .param("name", repository.name())
        .param("visibility", visibility.name())
        .update();
  }

  private static int add(JdbcClient client, RepositoryName repository, Visibility visibility) {
    return client
        .sql(
            """
            insert into repository (namespace, name, visibility)
            values (:namespace, :name, :visibility) on conflict do nothing""")
        .param("namespace", repository.namespace())
        .param("name", repository.name())
        .param("visibility", visibility.name())
        .update();
  }

  /** Removes a repository, if it is recorded. */
  public void remove(RepositoryName repository) {
    database
        .sql("delete from repository where namespace = :namespace and name = :name")
        .param("namespace", repository.namespace())
        .param("name", repository.name())
        .update();
  }

  /**
   * Lists repositories of a namespace in the order of their names.
   *
   * @param namespace the namespace
   * @param seen the visibilities to include
   * @param after the second part of the name after which to begin; empty for the first
   * @param limit up to how many are returned
   */
  public List<IndexedRepository> list(
      String namespace, Set<Visibility> seen, String after, int limit) {
    return database
        .sql(
            """
                    select * from repository where namespace = :namespace and name > :after
                      and visibility in (:seen)
                    order by name limit :limit""")
        .param("namespace", namespace)
        .param("seen", seen.stream().map(Visibility::name).toList())
        .param("after", after)
        .param("limit", limit)
        .query(IndexedRepositories::repository)
        .list();
  }

  private static IndexedRepository repository(ResultSet row, int number) throws SQLException {
    return new IndexedRepository(
        new RepositoryName(row.getString("namespace"), row.getString("name")),
        Visibility.valueOf(row.getString("visibility")));
  }
}
