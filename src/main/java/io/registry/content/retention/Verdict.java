package io.registry.content.retention;

/**
 * What happens to a tag, and why.
 *
 * @param facts what the rules went by
 * @param isKept whether it stays
 * @param rule the name of the rule that keeps it, or of the rules that do not; empty for another
 *     reason
 * @param reason why, for people
 */
public record Verdict(TagFacts facts, boolean isKept, String rule, String reason) {}
