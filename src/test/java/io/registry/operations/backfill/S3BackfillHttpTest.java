package io.registry.operations.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.operations.backfill.Backfills.Answer;
import io.registry.testkit.S3Bucket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class S3BackfillHttpTest extends BackfillHttpContract {
  private S3Bucket bucket;

  @BeforeEach
  void makeBucket() throws Exception {
    bucket = new S3Bucket();
  }

  @AfterEach
  void removeBucket() throws Exception {
    bucket.close();
  }

  @Override
  List<String> arguments() {
    return bucket.arguments();
  }

  @Override
  void begin() {
    bucket.heal();
  }

  @Override
  void assertNoLayerRead() {
    assertThat(bucket.proxy().requests())
        .anyMatch(request -> request.contains("/_v2/"))
        .noneMatch(request -> request.matches("GET .*/images/[0-9a-f]+/layer.*"));
  }

  @Test
  void aStoreThatIsAwayEndsTheBackfillUnfinished() {
    bucket.fail();

    Answer answer = Backfills.run(arguments());

    assertThat(answer.status()).isEqualTo(3);
    assertThat(answer.lines()).isEmpty();
    assertThat(answer.said()).contains("could not be finished");
  }
}
