package io.registry.index;

import io.registry.database.Database;
import io.registry.repository.RepositoryName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The repositories that the index knows, and who sees them. */
public final class IndexedRepositories {
  private final Database database;

  IndexedRepositories(Database database) {
    this.database = database;
  }

  /** Who sees a repository; nothing when the index does not know it. */
  public Optional<Visibility> visibility(RepositoryName repository) {
    return database
        .run(
            client ->
                client
                    .sql(
                        """
                        select visibility from repository
                        where namespace = :namespace and name = :name""")
                    .param("namespace", repository.namespace())
                    .param("name", repository.name())
                    .query(String.class)
                    .optional())
        .map(Visibility::valueOf);
  }

  /** Says who sees a repository, which the index need not know yet. */
  public void setVisibility(RepositoryName repository, Visibility visibility) {
    // Somebody else may be adding it at the same time: then it is there to be changed.
    int unused =
        database.together(
            client -> {
              int changed = change(client, repository, visibility);
              changed += changed > 0 ? 0 : add(client, repository, visibility);
              return changed > 0 ? changed : change(client, repository, visibility);
            });
  }

  /**
   * Notes a repository unless the index knows it.
   *
   * @return whether it did not
   */
  public boolean createIfAbsent(RepositoryName repository, Visibility visibility) {
    return database.run(client -> add(client, repository, visibility)) > 0;
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

  /** Forgets a repository, if the index knows it. */
  public void remove(RepositoryName repository) {
    int unused =
        database.run(
            client ->
                client
                    .sql("delete from repository where namespace = :namespace and name = :name")
                    .param("namespace", repository.namespace())
                    .param("name", repository.name())
                    .update());
  }

  /**
   * Lists repositories of a namespace in the order of their names.
   *
   * @param namespace the namespace
   * @param seen of which visibilities
   * @param after the second part of the name after which to begin; empty for the first
   * @param limit so many at most
   */
  public List<IndexedRepository> list(
      String namespace, Set<Visibility> seen, String after, int limit) {
    return database.run(
        client ->
            client
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
                .list());
  }

  private static IndexedRepository repository(ResultSet row, int number) throws SQLException {
    return new IndexedRepository(
        new RepositoryName(row.getString("namespace"), row.getString("name")),
        Visibility.valueOf(row.getString("visibility")));
  }
}
