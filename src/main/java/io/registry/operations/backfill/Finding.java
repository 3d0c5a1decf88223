package io.registry.operations.backfill;

/**
 * A tag, or a whole repository, that V2 does not serve; or an image that cannot be materialized: a
 * line of the report.
 *
 * @param code what is wrong
 * @param repository the repository; empty when the finding is about an image
 * @param tag the tag; empty when the finding is about all tags of the repository
 * @param image the image that the tag names; empty when that does not matter
 * @param text what is wrong, for people
 */
record Finding(String code, String repository, String tag, String image, String text) {
  static final String NAME = "name-not-in-v2";
  static final String TAG = "tag-not-in-v2";
  static final String NOT_REPRESENTABLE = "not-representable";
  static final String TOO_DEEP = "too-deep";
  static final String MISSING = "image-missing";
  static final String FAILED = "failed";
  static final String LAYER_LOST = "layer-lost";
}
