package io.registry.index;

import io.registry.image.ImageId;
import io.registry.repository.RepositoryName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
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

  /** Notes images that somebody claims for a repository, as far as nothing is known of them. */
  public void claim(RepositoryName repository, Collection<ImageId> images) {
    insert(repository, images, State.CLAIMED);
  }

  /** Notes that all bytes of an image were sent for a repository. */
  public void own(RepositoryName repository, ImageId image) {
    List<ImageId> images = List.of(image);
    insert(repository, images, State.OWNED);
    raise(repository, images, State.OWNED, "'CLAIMED', 'TAGGED'");
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
   * The repositories that are said to hold an image: first those that are known to, so that nobody
   * crowds them out by claims, and of these the public ones.
   *
   * @param limit so many at most
   */
  public List<Holder> holders(ImageId image, int limit) {
    return database.run(
        client ->
            client
                .sql(
                    """
                    select c.namespace, c.repository, c.state, r.visibility
                    from image_claim c left join repository r
                      on r.namespace = c.namespace and r.name = c.repository
                    where c.image = :image
                    order by case c.state when 'CLAIMED' then 1 else 0 end,
                      case r.visibility when 'PUBLIC' then 0 else 1 end,
                      c.namespace, c.repository
                    limit :limit""")
                .param("image", image.value())
                .param("limit", limit)
                .query(ImageClaims::holder)
                .list());
  }

  /** Forgets all images of a repository. */
  public void remove(RepositoryName repository) {
    int unused =
        database.run(
            client ->
                client
                    .sql(
                        """
                        delete from image_claim
                        where namespace = :namespace and repository = :repository""")
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
