package io.registry.index;

import io.registry.database.Database;
import io.registry.image.Checksum;
import io.registry.image.ImageId;
import io.registry.repository.RepositoryName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which repository which image belongs to, and why. What is known never becomes less; everything
 * here can be done twice and by several processes at once.
 */
public final class ImageClaims {
  private static final String INSERT =
      """
      insert into image_claim (namespace, repository, image, state)
      values (?, ?, ?, ?) on conflict do nothing""";
  private static final String CLAIM =
      """
      insert into image_claimant (namespace, repository, image, claimant)
      select namespace, repository, image, cast(? as varchar(512)) from image_claim
      where namespace = ? and repository = ? and image = ? and state = 'CLAIMED'
      on conflict do nothing""";
  private static final String HOLDER =
      """
      select c.namespace, c.repository, c.state, r.visibility
      from image_claim c left join repository r
        on r.namespace = c.namespace and r.name = c.repository
      where c.image = :image and %s
      order by case c.state when 'OWNED' then 0 when 'TAGGED' then 1 else 2 end,
        c.namespace, c.repository
      limit :limit""";
  private static final String FOR_ALL =
      HOLDER.formatted("c.state <> 'CLAIMED' and coalesce(r.visibility, 'PUBLIC') = 'PUBLIC'");
  private static final String OF_AN_ACCOUNT =
      HOLDER.formatted(
          """
          (c.namespace = :own
          or c.namespace in (
            select name from namespace where owner_account = :account
            union select n.name from namespace n join team_member m on m.team = n.owner_team
              where m.account = :account
            union select namespace from namespace_member
              where account = :account and role in (:roles)
            union select n.namespace from namespace_member n join team_member m on m.team = n.team
              where m.account = :account and n.role in (:roles)))""");
  private static final String RAISE =
      """
      update image_claim set state = ?
      where namespace = ? and repository = ? and image = ? and state in (%s)""";

  private final Database database;

  ImageClaims(Database database) {
    this.database = database;
  }

  /** Why an image is said to belong to a repository. */
  public enum State {
    /** Somebody who may write the repository said so, and showed nothing. */
    CLAIMED,
    /** All its bytes were sent for the repository. */
    OWNED,
    /** A tag of the repository names it or a descendant of it. */
    TAGGED
  }

  /**
   * A repository that is said to hold an image.
   *
   * @param repository the repository
   * @param state why
   * @param visibility who sees the repository; nothing when the index does not know it
   */
  public record Holder(RepositoryName repository, State state, Optional<Visibility> visibility) {}

  /**
   * Notes images that somebody claims for a repository, as far as nothing more is known of them.
   *
   * @param claimant the name of the user or robot; empty for nobody in particular
   */
  public void claim(RepositoryName repository, Collection<ImageId> images, String claimant) {
    insert(repository, images, State.CLAIMED);
    if (!claimant.isEmpty()) {
      database.forEach(
          CLAIM,
          ordered(images)
              .map(
                  image ->
                      new Object[] {claimant, repository.namespace(), repository.name(), image})
              .toList());
    }
  }

  /** Notes the layer that somebody has sent of an image, wherever it is claimed by that one. */
  public void sent(String claimant, ImageId image, Checksum layer) {
    int unused =
        database.run(
            client ->
                client
                    .sql(
                        """
                        update image_claimant set layer = :layer
                        where image = :image and claimant = :claimant""")
                    .param("layer", layer.value())
                    .param("image", image.value())
                    .param("claimant", claimant)
                    .update());
  }

  /**
   * The repositories for which that layer of an image has been sent, and that do not have it yet.
   *
   * @param limit so many at most
   */
  public List<RepositoryName> sentFor(ImageId image, Checksum layer, int limit) {
    return database.run(
        client ->
            client
                .sql(
                    """
                    select distinct namespace, repository from image_claimant
                    where image = :image and layer = :layer
                    order by namespace, repository limit :limit""")
                .param("image", image.value())
                .param("layer", layer.value())
                .param("limit", limit)
                .query(
                    (row, number) ->
                        new RepositoryName(row.getString("namespace"), row.getString("repository")))
                .list());
  }

  /**
   * The repositories for which somebody claims an image and has yet to show it.
   *
   * @param claimant the name of the user or robot
   * @param limit so many at most
   */
  public List<RepositoryName> claimedBy(String claimant, ImageId image, int limit) {
    return database.run(
        client ->
            client
                .sql(
                    """
                    select c.namespace, c.repository from image_claimant p join image_claim c
                      on c.namespace = p.namespace and c.repository = p.repository
                      and c.image = p.image
                    where p.image = :image and p.claimant = :claimant and c.state = 'CLAIMED'
                    order by c.namespace, c.repository limit :limit""")
                .param("image", image.value())
                .param("claimant", claimant)
                .param("limit", limit)
                .query(
                    (row, number) ->
                        new RepositoryName(row.getString("namespace"), row.getString("repository")))
                .list());
  }

  /** Notes that all bytes of an image were sent for a repository. */
  public void own(RepositoryName repository, ImageId image) {
    List<ImageId> images = List.of(image);
    insert(repository, images, State.OWNED);
    raise(repository, images, State.OWNED, "'CLAIMED', 'TAGGED'");
    int unused =
        database.run(
            client ->
                client
                    .sql(
                        """
                        delete from image_claimant where namespace = :namespace
                          and repository = :repository and image = :image""")
                    .param("namespace", repository.namespace())
                    .param("repository", repository.name())
                    .param("image", image.value())
                    .update());
  }

  /** Notes images that tags of a repository lead to; of those it owns, that stays. */
  public void tagged(RepositoryName repository, Collection<ImageId> images) {
    insert(repository, images, State.TAGGED);
    raise(repository, images, State.TAGGED, "'CLAIMED'");
  }

  private void insert(RepositoryName repository, Collection<ImageId> images, State state) {
    database.forEach(
        INSERT,
        ordered(images)
            .map(
                image ->
                    new Object[] {repository.namespace(), repository.name(), image, state.name()})
            .toList());
  }

  private void raise(
      RepositoryName repository, Collection<ImageId> images, State state, String lower) {
    database.forEach(
        RAISE.formatted(lower),
        ordered(images)
            .map(
                image ->
                    new Object[] {state.name(), repository.namespace(), repository.name(), image})
            .toList());
  }

  // Two who note the same images in different orders could wait for each other for ever.
  private static Stream<String> ordered(Collection<ImageId> images) {
    return images.stream().map(ImageId::value).distinct().sorted();
  }

  /** What is known of an image in a repository. */
  public Optional<State> state(RepositoryName repository, ImageId image) {
    return database
        .run(
            client ->
                client
                    .sql(
                        """
                        select state from image_claim where namespace = :namespace
                          and repository = :repository and image = :image""")
                    .param("namespace", repository.namespace())
                    .param("repository", repository.name())
                    .param("image", image.value())
                    .query(String.class)
                    .optional())
        .map(State::valueOf);
  }

  /**
   * The repositories that hold an image, and of which it is not known that they are private: first
   * those that have been sent it.
   *
   * @param limit so many at most
   */
  public List<Holder> holders(ImageId image, int limit) {
    return database.run(
        client ->
            client
                .sql(FOR_ALL)
                .param("image", image.value())
                .param("limit", limit)
                .query(ImageClaims::holder)
                .list());
  }

  /**
   * The repositories that are said to hold an image, in namespaces in which somebody has a role or
   * may have one: first those that are known to. Others crowd out none of them.
   *
   * @param account the name of a user or robot
   * @param roles the roles that count; owners are always among them
   * @param limit so many at most
   */
  public List<Holder> holders(ImageId image, String account, Set<Role> roles, int limit) {
    return database.run(
        client ->
            client
                .sql(OF_AN_ACCOUNT)
                .param("image", image.value())
                .param("account", account)
                .param("own", RobotName.find(account).map(RobotName::namespace).orElse(account))
                .param("roles", roles.stream().map(Role::name).toList())
                .param("limit", limit)
                .query(ImageClaims::holder)
                .list());
  }

  /** Forgets all images of a repository. */
  public void remove(RepositoryName repository) {
    List.of("image_claim", "image_claimant").forEach(table -> remove(repository, table));
  }

  private void remove(RepositoryName repository, String table) {
    int unused =
        database.run(
            client ->
                client
                    .sql(
                        "delete from %s where namespace = :namespace and repository = :repository"
                            .formatted(table))
                    .param("namespace", repository.namespace())
                    .param("repository", repository.name())
                    .update());
  }

  private static Holder holder(ResultSet row, int number) throws SQLException {
    return new Holder(
        new RepositoryName(row.getString("namespace"), row.getString("repository")),
        State.valueOf(row.getString("state")),
        Optional.ofNullable(row.getString("visibility")).map(Visibility::valueOf));
  }
}
