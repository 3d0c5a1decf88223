package io.registry.access.index;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.database.Database;
import io.registry.platform.database.SqlTime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Records which image belongs to which repository, and why. A record is only removed when an id is
 * released or a repository is removed; every operation may be repeated and may run in several
 * processes concurrently.
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
      where namespace = ? and repository = ? and image = ? and state <> 'OWNED'
      on conflict do nothing""";
  private static final String HOLDERS =
      """
      select image, namespace, repository, state, trusted, opened_until from (
        select c.image, c.namespace, c.repository, c.state, %s,
          row_number() over (partition by c.image order by
            case c.state when 'OWNED' then 0 when 'TAGGED' then 1 else 2 end,
            c.namespace, c.repository) as place
        from image_claim c %s
        where c.image in (:images) and (%s)) held
      where place <= :limit order by image, place""";
  private static final String FOR_ALL =
      HOLDERS.formatted(
          "true as trusted, cast(null as timestamp with time zone) as opened_until",
          "left join repository r on r.namespace = c.namespace and r.name = c.repository",
          "c.state <> 'CLAIMED' and coalesce(r.visibility, 'PUBLIC') = 'PUBLIC'");
  private static final String FOR_AN_ACCOUNT =
      HOLDERS.formatted(
          "t.name is not null as trusted, o.expires_at as opened_until",
          """
          left join trusted_namespace t on t.name = c.namespace
          left join opened_repository o on o.account = :opener and o.namespace = c.namespace
            and o.repository = c.repository and o.expires_at > :now""",
          """
          t.name is not null or o.account is not null or c.namespace = :own
          or c.namespace in (
            select name from namespace where owner_account = :account
            union select n.name from namespace n join team_member m on m.team = n.owner_team
              where m.account = :account
            union select namespace from namespace_member
              where account = :account and role in ('WRITE', 'ADMIN')
            union select n.namespace from namespace_member n join team_member m on m.team = n.team
              where m.account = :account and n.role in ('WRITE', 'ADMIN'))""");
  private static final String RAISE =
      """
      update image_claim set state = ?
      where namespace = ? and repository = ? and image = ? and state in (%s)""";

  private final Database database;
  private final Clock clock;

  ImageClaims(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** Why an image is recorded for a repository. */
  public enum State {
    /** A client with write access to the repository listed the image, without any proof. */
    CLAIMED,
    /** All its bytes were sent for the repository. */
    OWNED,
    /** A tag of the repository names it or a descendant of it, or a link its layer. */
    TAGGED
  }

  /**
   * A repository that is recorded for an image.
   *
   * @param image the image
   * @param repository the repository
   * @param state why
   * @param trusted whether its images count as present for every account that may read it
   * @param openedUntil until when they count as present for the account that has opened it; empty
   *     when it has not opened it
   */
  record Holder(
      ImageId image,
      RepositoryName repository,
      State state,
      boolean trusted,
      Optional<Instant> openedUntil) {}

  /**
   * Records images that a client claims for a repository, unless they are recorded already.
   *
   * @param claimant the name of the user or robot; empty for an anonymous client
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

  /**
   * The repositories for which an account has claimed an image without having sent it yet.
   *
   * @param claimant the name of the user or robot
   * @param limit up to how many are returned
   */
  public List<RepositoryName> claimedBy(String claimant, ImageId image, int limit) {
    return database
        .sql(
            """
                    select c.namespace, c.repository from image_claimant p join image_claim c
                      on c.namespace = p.namespace and c.repository = p.repository
                      and c.image = p.image
                    where p.image = :image and p.claimant = :claimant and c.state <> 'OWNED'
                    order by c.namespace, c.repository limit :limit""")
        .param("image", image.value())
        .param("claimant", claimant)
        .param("limit", limit)
        .query(
            (row, number) ->
                new RepositoryName(row.getString("namespace"), row.getString("repository")))
        .list();
  }

  /** Records that all bytes of an image were sent for a repository. */
  public void own(RepositoryName repository, ImageId image) {
    List<ImageId> images = List.of(image);
    insert(repository, images, State.OWNED);
    raise(repository, images, State.OWNED, "'CLAIMED', 'TAGGED'");
    database
        .sql(
            """
                        delete from image_claimant where namespace = :namespace
                          and repository = :repository and image = :image""")
        .param("namespace", repository.namespace())
        .param("repository", repository.name())
        .param("image", image.value())
        .update();
  }

  /**
   * Records V1 images that tags of a repository lead to; an image that is owned stays owned. What
   * V1 cannot express is only named by its tag, and has no claims.
   */
  public void tagged(RepositoryName repository, Collection<ImageId> tagged) {
    List<ImageId> images = tagged.stream().filter(image -> !image.isManifest()).toList();
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

  // A fixed order prevents deadlocks between two transactions that record the same images.
  private static Stream<String> ordered(Collection<ImageId> images) {
    return images.stream().map(ImageId::value).distinct().sorted();
  }

  /** Why an image is recorded for a repository; empty when it is not. */
  public Optional<State> state(RepositoryName repository, ImageId image) {
    return database
        .sql(
            """
                        select state from image_claim where namespace = :namespace
                          and repository = :repository and image = :image""")
        .param("namespace", repository.namespace())
        .param("repository", repository.name())
        .param("image", image.value())
        .query(String.class)
        .optional()
        .map(State::valueOf);
  }

  /**
   * The repositories that are recorded for images and are not known to be private; of each image
   * those first to which it was sent.
   *
   * @param limit up to how many are returned for each image
   */
  List<Holder> holders(Collection<ImageId> images, int limit) {
    return holders(FOR_ALL, images, Map.<String, Object>of("limit", limit));
  }

  /**
   * The repositories that are recorded for images and whose images may count as present for an
   * account that pushes: those in namespaces that the account may write, in trusted namespaces, and
   * those that it has opened. For each image the repositories that own it come first. Only these
   * repositories count towards the limit.
   *
   * @param account the name of a user or robot
   * @param opened whether to include the repositories that the account has opened
   * @param limit up to how many are returned for each image
   */
  List<Holder> holders(Collection<ImageId> images, String account, boolean opened, int limit) {
    return holders(
        FOR_AN_ACCOUNT,
        images,
        Map.<String, Object>of(
            "account",
            account,
            "own",
            RobotName.find(account).map(RobotName::namespace).orElse(account),
            "opener",
            opened ? account : "",
            "now",
            SqlTime.of(clock.instant()),
            "limit",
            limit));
  }

  private List<Holder> holders(
      String sql, Collection<ImageId> images, Map<String, Object> parameters) {
    return images.isEmpty()
        ? List.of()
        : database
            .sql(sql)
            .params(parameters)
            .param("images", images.stream().map(ImageId::value).toList())
            .query(ImageClaims::holder)
            .list();
  }

  /**
   * The namespaces whose repositories are recorded for an image, other than by a mere claim.
   *
   * @return of each whether one of its repositories owns the image
   */
  Map<String, Boolean> namespaces(ImageId image) {
    Map<String, Boolean> namespaces = new HashMap<>();
    database
        .sql(
            """
                    select distinct namespace, state from image_claim
                      where image = :image and state <> 'CLAIMED'""")
        .param("image", image.value())
        .query(
            row -> {
              boolean owns = State.valueOf(row.getString("state")) == State.OWNED;
              namespaces.merge(row.getString("namespace"), owns, Boolean::logicalOr);
            });
    return namespaces;
  }

  /** The images among the given ones that the repository owns. */
  Set<ImageId> owned(RepositoryName repository, Collection<ImageId> images) {
    return database
        .sql(
            """
                    select image from image_claim where namespace = :namespace
                      and repository = :repository and state = 'OWNED' and image in (:images)""")
        .param("namespace", repository.namespace())
        .param("repository", repository.name())
        .param("images", images.stream().map(ImageId::value).toList())
        .query((row, number) -> new ImageId(row.getString("image")))
        .set();
  }

  /**
   * Removes the records that repositories own or claim an image.
   *
   * @param tagged whether tags may lead to the image. Then records of tags stay, also for
   *     repositories that owned it; each use of those checks the tags again
   */
  public void release(ImageId image, boolean tagged) {
    Stream.of(
            tagged
                ? "update image_claim set state = 'TAGGED' where image = :image and state = 'OWNED'"
                : "delete from image_claim where image = :image",
            "delete from image_claim where image = :image and state = 'CLAIMED'",
            "delete from image_claimant where image = :image")
        .forEach(statement -> database.sql(statement).param("image", image.value()).update());
  }

  /** Removes all records of a repository. */
  public void remove(RepositoryName repository) {
    List.of("image_claim", "image_claimant").forEach(table -> remove(repository, table));
  }

  private void remove(RepositoryName repository, String table) {
    database
        .sql(
            "delete from %s where namespace = :namespace and repository = :repository"
                .formatted(table))
        .param("namespace", repository.namespace())
        .param("repository", repository.name())
        .update();
  }

  private static Holder holder(ResultSet row, int number) throws SQLException {
    return new Holder(
        new ImageId(row.getString("image")),
        new RepositoryName(row.getString("namespace"), row.getString("repository")),
        State.valueOf(row.getString("state")),
        row.getBoolean("trusted"),
        SqlTime.find(row, "opened_until"));
  }
}
