/** Buildings that are on their way to a place: asked for, and not yet answered. */
import type { TownCatalogue } from './catalogue.ts';
import type { TownCommand } from './commands.ts';
import type { Footprint } from './grid.ts';
import type { Standing } from './standing.ts';

export interface Sent extends Footprint {
  readonly building: string;
  readonly level: number;
}

export function sentPlaces(
  asked: readonly TownCommand[],
  standing: readonly Standing[],
  catalogue: TownCatalogue | null,
): Sent[] {
  return asked.flatMap((command): Sent[] => {
    if (command.type === 'build') {
      const { building, x, y } = command;
      const kind = catalogue?.kinds.get(building);
      const size = { width: kind?.width ?? 1, height: kind?.height ?? 1 };
      return [{ building, level: 1, x, y, ...size }];
    }
    if (command.type !== 'move') return [];
    const found = standing.find(({ id }) => id === String(command.id));
    if (found === undefined) return [];
    const { building, level, width, height } = found;
    return [{ building, level, width, height, x: command.x, y: command.y }];
  });
}
