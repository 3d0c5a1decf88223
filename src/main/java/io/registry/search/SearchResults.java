package io.registry.search;

import java.util.List;

/**
 * What was found.
 *
 * @param total how many repositories
 * @param some those that were asked for
 */
public record SearchResults(long total, List<SearchResult> some) {}
