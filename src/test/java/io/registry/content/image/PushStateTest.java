package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.image.PushState.Decision;
import io.registry.content.image.PushState.Request;
import io.registry.content.image.PushState.Staged;
import io.registry.content.image.PushState.Standing;
import io.registry.content.image.PushState.Stored;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of what the registry does with a request of a push. */
class PushStateTest {

  @ParameterizedTest
  @CsvSource({
    "ABSENT,        OPEN,     STAGE, REFUSE_UNKNOWN,                REFUSE_UNKNOWN",
    "ABSENT,        READER,   STAGE, REFUSE_UNKNOWN,                REFUSE_UNKNOWN",
    "ABSENT,        STRANGER, STAGE, REFUSE_UNKNOWN,                REFUSE_UNKNOWN",
    "UNFINISHED,    OPEN,     STAGE, STAGE_WITH_STORED_DESCRIPTION, FINISH_STORED",
    "UNFINISHED,    READER,   STAGE, REFUSE_UNKNOWN,                REFUSE_UNKNOWN",
    "UNFINISHED,    STRANGER, STAGE, REFUSE_UNKNOWN,                REFUSE_UNKNOWN",
    "WITHOUT_LAYER, OPEN,     STAGE, RESTORE,                       REFUSE_CHECKSUM",
    "WITHOUT_LAYER, READER,   STAGE, RESTORE,                       REFUSE_CHECKSUM",
    "WITHOUT_LAYER, STRANGER, STAGE, REFUSE_UNKNOWN,                REFUSE_UNKNOWN",
    "COMPLETE,      OPEN,     REFUSE_EXISTING, REFUSE_EXISTING,     REFUSE_CHECKSUM",
    "COMPLETE,      READER,   REFUSE_EXISTING, REFUSE_EXISTING,     REFUSE_CHECKSUM",
    "COMPLETE,      STRANGER, STAGE, REFUSE_UNKNOWN,                REFUSE_UNKNOWN"
  })
  void aClientThatHasSentNothingIsAnsweredByWhatIsStored(
      Stored stored, Standing standing, Decision json, Decision layer, Decision checksum) {
    PushState state = new PushState(Staged.NOTHING, () -> stored, () -> standing);

    assertThat(state.decide(Request.JSON)).isEqualTo(json);
    assertThat(state.decide(Request.LAYER)).isEqualTo(layer);
    assertThat(state.decide(Request.CHECKSUM)).isEqualTo(checksum);
  }

  @ParameterizedTest
  @EnumSource(
      value = Staged.class,
      names = {"DESCRIPTION", "LAYER"})
  void aClientThatWasLetInMaySendItsLayerWhateverOthersDoMeanwhile(Staged staged) {
    assertThat(unasked(staged).decide(Request.LAYER)).isEqualTo(Decision.STAGE);
  }

  @ParameterizedTest
  @CsvSource({
    "COMPLETE,      OPEN,     CONFIRM",
    "COMPLETE,      READER,   REFUSE_WITHOUT_LAYER",
    "COMPLETE,      STRANGER, REFUSE_WITHOUT_LAYER",
    "ABSENT,        OPEN,     REFUSE_WITHOUT_LAYER",
    "UNFINISHED,    OPEN,     REFUSE_WITHOUT_LAYER",
    "WITHOUT_LAYER, OPEN,     REFUSE_WITHOUT_LAYER"
  })
  void aChecksumNeedsTheClientsOwnLayer(Stored stored, Standing standing, Decision checksum) {
    PushState state = new PushState(Staged.DESCRIPTION, () -> stored, () -> standing);

    assertThat(state.decide(Request.CHECKSUM)).isEqualTo(checksum);
  }

  @Test
  void aChecksumAfterTheClientsOwnLayerIsCompared() {
    assertThat(unasked(Staged.LAYER).decide(Request.CHECKSUM)).isEqualTo(Decision.COMPLETE);
  }

  // What a client has sent decides alone, without a look at the store.
  private static PushState unasked(Staged staged) {
    return new PushState(
        staged,
        () -> {
          throw new AssertionError("the store was asked");
        },
        () -> {
          throw new AssertionError("the rights were asked");
        });
  }
}
