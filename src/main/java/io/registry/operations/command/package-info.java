/**
 * The frame of all commands: the command line, {@code --help}, the exit status, the registry that a
 * command opens, its temporary files and its report.
 *
 * <p>Begin with {@link io.registry.operations.command.Command}.
 */
@NullMarked
package io.registry.operations.command;

import org.jspecify.annotations.NullMarked;
