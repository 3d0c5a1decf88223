package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.access.auth.ReadScope;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class V2AccessRequestsTest {
  private static final RepositoryName APP = RepositoryName.parse("team/app");

  private final List<RepositoryName> lookedFor = new ArrayList<>();
  private final Set<RepositoryName> existing = new HashSet<>();
  private final V2AccessRequests requests =
      new V2AccessRequests(
          name -> {
            lookedFor.add(name);
            return existing.contains(name);
          });

  @ParameterizedTest
  @CsvSource({
    "GET, tags/list, READ",
    "HEAD, manifests/v1, READ",
    "GET, blobs/sha256:00, READ",
    "GET, referrers/sha256:00, READ",
    "PUT, manifests/v1, WRITE",
    "PUT, manifests/sha256:00, WRITE",
    "DELETE, manifests/v1, DELETE_TAG",
    "DELETE, manifests/sha256:00, DELETE_TAG",
    "DELETE, blobs/sha256:00, DELETE_TAG",
    "POST, blobs/uploads/, WRITE",
    "POST, blobs/uploads, WRITE",
    "GET, blobs/uploads/6f6d2e7e, WRITE",
    "HEAD, blobs/uploads/6f6d2e7e, WRITE",
    "PATCH, blobs/uploads/6f6d2e7e, WRITE",
    "PUT, blobs/uploads/6f6d2e7e, WRITE",
    "DELETE, blobs/uploads/6f6d2e7e, WRITE",
    "GET, blobs/%75ploads/6f6d2e7e, WRITE",
    "GET, %62lobs/uploads/6f6d2e7e, WRITE",
    "GET, blobs/uploads;a=b/6f6d2e7e, WRITE",
    "DELETE, blobs;/uploads/6f6d2e7e, WRITE",
    "ANY, tags/list, WRITE"
  })
  void methodAndPathTellWhatIsNeeded(String method, String path, Action action) {
    assertThat(requests.of(method, "/v2/team%2Fapp/" + path))
        .contains(new AccessRequest.OfRepository(APP, action));
  }

  @Test
  void aRepositoryThatACallerHasReadIsNotLookedForWithEachRequest() {
    existing.add(APP);
    Caller alice = new Caller.Account("alice", false);
    for (int i = 0; i < 3; i++) {
      assertThat(decide(alice, Action.READ)).isEqualTo(Decision.ALLOWED);
    }
    assertThat(lookedFor).hasSize(1);
  }

  @Test
  void whatAnotherCallerCouldReadIsNoAnswer() {
    existing.add(APP);
    assertThat(decide(new Caller.Account("alice", false), Action.READ)).isEqualTo(Decision.ALLOWED);
    existing.remove(APP);

    assertThat(decide(new Caller.Account("bob", false), Action.READ)).isEqualTo(Decision.HIDDEN);
    assertThat(decide(new Caller.Anonymous(), Action.READ)).isEqualTo(Decision.UNAUTHENTICATED);
  }

  @Test
  void aRepositoryThatIsMissingIsLookedForEachTime() {
    Caller alice = new Caller.Account("alice", false);
    assertThat(decide(alice, Action.READ)).isEqualTo(Decision.HIDDEN);
    existing.add(APP);
    assertThat(decide(alice, Action.READ)).isEqualTo(Decision.ALLOWED);
  }

  @Test
  void whoMayWriteIsNotAskedForARepositoryThatIsThere() {
    Caller alice = new Caller.Account("alice", false);
    assertThat(decide(alice, Action.WRITE)).isEqualTo(Decision.ALLOWED);
    assertThat(decide(alice, Action.DELETE_TAG)).isEqualTo(Decision.ALLOWED);
    assertThat(lookedFor).isEmpty();
  }

  private Decision decide(Caller caller, Action action) {
    return requests.decide(new AccessRequest.OfRepository(APP, action), new EverybodyMay(), caller);
  }

  /** Where everything is public. */
  private static final class EverybodyMay implements AccessPolicy {
    @Override
    public Decision decide(Caller caller, RepositoryName repository, Action action) {
      return Decision.ALLOWED;
    }

    @Override
    public Decision decide(Caller caller, ImageId image, Action action) {
      return Decision.ALLOWED;
    }

    @Override
    public ReadScope scope(Caller caller) {
      return ReadScope.EVERYTHING;
    }

    @Override
    public boolean mayBuildOn(Caller caller, ImageId parent) {
      return true;
    }

    @Override
    public boolean mayTag(Caller caller, RepositoryName repository, ImageId image) {
      return true;
    }
  }
}
