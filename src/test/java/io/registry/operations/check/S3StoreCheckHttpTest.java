package io.registry.operations.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.operations.check.CheckedStore.Answer;
import io.registry.testkit.S3Bucket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class S3StoreCheckHttpTest extends StoreCheckHttpContract {
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

  @Test
  void aStoreThatIsAwayEndsTheCheckWithoutAVerdict() {
    bucket.fail();

    Answer answer = CheckedStore.command(arguments());

    assertThat(answer.status()).isEqualTo(3);
    assertThat(answer.report().isEmpty()).isTrue();
    assertThat(answer.said()).contains("could not be finished");
  }
}
