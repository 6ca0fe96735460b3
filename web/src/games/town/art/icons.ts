/** Small drawings of things, 24 by 24: what lies in stores, carts and the inventory. */
import type { Part } from './shapes.ts';

type Stroke = readonly [m: Part['m'], f: Part['f'], d: string];

const circle = (x: number, y: number, r: number) =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;

const ROCK = 'M3 17 6 8l6-4 7 4 3 9-5 4H7Z';
const ROCK_LIT = 'M6 8l6-4 7 4-6 3-3 5-7 1Z';

const ICONS: Readonly<Record<string, readonly Stroke[]>> = {
  coin: [
    ['gold', 2, circle(12, 12, 10)],
    ['gold', 0, circle(11.4, 11.4, 8.8)],
    [
      'gold',
      2,
      'M11.4 5.4a6 6 0 1 0 0 12 6 6 0 1 0 0-12Zm0 1.6a4.4 4.4 0 1 1 0 8.8 4.4 4.4 0 1 1 0-8.8Z',
    ],
  ],
  wheat: [
    ['crop', 2, 'M11.2 22.5 12 8l.8 14.5Z'],
    ['crop', 0, 'M12 1c2 2 2 4.5 0 6.5-2-2-2-4.5 0-6.5Z'],
    ['crop', 1, 'M11.5 12C8 12 6.5 10 6.5 7c3.5 0 5 2 5 5Zm0 5.5c-3.5 0-5-2-5-5 3.5 0 5 2 5 5Z'],
    ['crop', 2, 'M12.5 12c3.5 0 5-2 5-5-3.5 0-5 2-5 5Zm0 5.5c3.5 0 5-2 5-5-3.5 0-5 2-5 5Z'],
  ],
  wood: [
    ['timber', 1, 'M2 9.5 14 5.5l6 3v8L8 21l-6-4Z'],
    ['timber', 2, 'M8 13.5l12-5v8L8 21Z'],
    ['plank', 0, circle(6.4, 15, 4.8)],
    ['timber', 0, circle(6.4, 15, 2.8)],
    ['plank', 0, circle(6.4, 15, 1.3)],
  ],
  stone: [
    ['stone', 1, ROCK],
    ['stone', 0, ROCK_LIT],
    ['stone', 2, 'M19 8l3 9-5 4-3-6-1-4Z'],
  ],
  clay: [
    ['brick', 2, 'M2 18c0-5 3-6 5-9s7-4 9 0c1 2.5 6 4 6 9 0 2-4 3-10 3S2 20 2 18Z'],
    ['brick', 0, 'M6 14c1-3 3-3 4-5s4-2 5 0c-1 1-4 1-5 3s-2 3-4 2Z'],
  ],
  ore: [
    ['rock', 1, ROCK],
    ['rock', 0, ROCK_LIT],
    [
      'ore',
      0,
      `${circle(9, 14.5, 1.9)}${circle(15.5, 9.5, 1.5)}${circle(16, 16.5, 2.2)}${circle(10.5, 8, 1.2)}`,
    ],
  ],
  wool: [
    ['cotton', 2, `${circle(8, 14.5, 5.5)}${circle(16, 14.5, 5.5)}${circle(12, 10, 6)}`],
    ['cotton', 0, `${circle(7.5, 13, 4)}${circle(11.5, 8.8, 4.6)}${circle(15.5, 13, 3.6)}`],
  ],
  egg: [
    ['cotton', 2, 'M12 2c4.5 0 8 6.5 8 11.5S16.5 22 12 22s-8-3.5-8-8.5S7.5 2 12 2Z'],
    ['cotton', 0, 'M11 3.5c3.5 0 6 5 6 9s-3 6.5-6 6.5-6-2.5-6-6.5 2.5-9 6-9Z'],
  ],
  flour: [
    ['cotton', 2, 'M6 7h12c3 4 4 8 3 12-.5 2-17.5 2-18 0-1-4 0-8 3-12Z'],
    ['cotton', 0, 'M6 7h9c1.5 4 2 8 1 13.3-5 .4-12.5.2-13-1.3-1-4 0-8 3-12Z'],
    ['plank', 1, 'M6.5 5.5h11L19 8H5Z'],
    ['cotton', 1, 'M8 2.5h8l-1.5 3h-5Z'],
    ['crop', 1, 'M10.5 11c1.5 1.5 1.5 4 0 6-1.5-2-1.5-4.5 0-6Z'],
  ],
  charcoal: [
    ['coal', 1, 'M2 17l3-6 6-1 2 6-4 5H5Z'],
    ['coal', 0, 'M5 11l6-1-2 4-5 1Z'],
    ['coal', 2, 'M11 15l5-4 6 4-1 5-5 2-5-2Z'],
    ['coal', 1, 'M8 7l4-4 5 2 1 5-5 2-5-2Z'],
    ['coal', 0, 'M8 7l4-4 5 2-4 3Z'],
  ],
  plank: [
    ['plank', 0, 'M2 15 16 8l6 3-14 7Z'],
    ['plank', 2, 'M8 18v3l14-7v-3Z'],
    ['plank', 1, 'M2 15v3l6 3v-3Z'],
    ['plank', 0, 'M2 9.5 16 2.5l6 3-14 7Z'],
    ['plank', 2, 'M8 12.5v3l14-7v-3Z'],
    ['timber', 0, 'M2 9.5v3l6 3v-3Z'],
  ],
  brick: [
    ['brick', 0, 'M2 14.5 9 11l5 2.5-7 3.5Z'],
    ['brick', 1, 'M2 14.5V19l5 2.5V17Z'],
    ['brick', 2, 'M7 17v4.5l7-3.5v-4.5Z'],
    ['brick', 0, 'M10 14.5 17 11l5 2.5-7 3.5Z'],
    ['brick', 2, 'M15 17v4.5l7-3.5v-4.5Z'],
    ['brick', 1, 'M10 14.5V19l5 2.5V17Z'],
    ['brick', 0, 'M6 7l7-3.5L18 6l-7 3.5Z'],
    ['brick', 1, 'M6 7v4.5l5 2.5V9.5Z'],
    ['brick', 2, 'M11 9.5V14l7-3.5V6Z'],
  ],
  bread: [
    ['bread', 2, 'M2 15C2 9 7 6 12 6s10 3 10 9c0 3-3 4-10 4S2 18 2 15Z'],
    ['bread', 0, 'M3.5 13.5C4 9.5 8 7.5 12 7.5s7.5 2 8 5.5c-2 2.5-14.5 3-16.5.5Z'],
    [
      'bread',
      2,
      'M7 8.5l2.5 4-1.5.5L5.5 9.5Zm4.5-1.2 2.5 4-1.6.4-2.4-4.2Zm4.5.8 2.3 3.6-1.6.3L14.3 8Z',
    ],
  ],
  cloth: [
    ['cloth', 1, 'M3 8c0-2 2-3 4-3h10l4 3v10c0 2-2 3-4 3H7c-2 0-4-1-4-3Z'],
    ['cloth', 0, 'M3 8c0-2 2-3 4-3h10c-2 0-3 1-3 3s1 3 3 3H7C5 11 3 10 3 8Z'],
    ['cloth', 2, 'M17 5c2 0 4 1 4 3s-2 3-4 3-3-1-3-3 1-3 3-3Z'],
    ['cotton', 1, 'M3 14c2 1.5 4 1.5 6 1.5h12v1.5H8c-2 0-4 0-5-1Z'],
  ],
  iron: [
    ['metal', 0, 'M2 14 8 8l10-2 4 5-6 5-9 2Z'],
    ['metal', 1, 'M2 14l5 4v4l-5-4Z'],
    ['metal', 2, 'M7 18l9-2 6-5v4l-6 5-9 2Z'],
  ],
  rope: [
    [
      'crop',
      2,
      'M12 3c5 0 9 3.6 9 8s-4 8-9 8-9-3.6-9-8 4-8 9-8Zm0 4.5c-2.6 0-4.5 1.5-4.5 3.5s1.9 3.5 4.5 3.5 4.5-1.5 4.5-3.5S14.6 7.5 12 7.5Z',
    ],
    ['crop', 0, 'M11.5 3.5c4.5 0 7.5 3 7.5 6.5-.5-3-3.5-5-7-5s-6.5 2-7 5c0-3.5 2-6.5 6.5-6.5Z'],
    ['crop', 1, 'M14 17l6 2.5-1 2-7-3Z'],
  ],
  torch: [
    ['timber', 1, 'M10 11h4l-1 12h-2Z'],
    ['metal', 1, 'M8.5 10h7l-1 3h-5Z'],
    ['ember', 2, 'M12 1c1 3 5 4 4.5 8-.2 1.5-9 1.5-9 0C7 6 10.5 5.5 12 1Z'],
    ['ember', 0, 'M12 5c.6 1.6 2.5 2.4 2.2 4.4-.2.8-4.5.8-4.5 0C9.5 7.5 11.4 7 12 5Z'],
  ],
  nail: [
    ['metal', 0, 'M4 4l4-2 3 3-2 4Z'],
    ['metal', 2, 'M7.5 7.5l2-1.5L21 21l-1 1Z'],
    ['metal', 0, 'M15 3l5 1 1 4-4 1.5Z'],
    ['metal', 1, 'M16.5 7l1.5 1.8L6 21.5l-1.5.5.5-1.5Z'],
  ],
  tool: [
    ['timber', 1, 'M10.2 9h3.6l.7 13.5h-5Z'],
    ['metal', 1, 'M4 3.5h12c3 0 5 2 5.5 5l-5-1.5V10H4Z'],
    ['metal', 0, 'M4 3.5h12c1.5 0 3 .6 4 1.5H4Z'],
  ],
  pottery: [
    ['brick', 1, 'M9 4h6v3c4 2 5 5 5 8 0 4-3 7-8 7s-8-3-8-7c0-3 1-6 5-8Z'],
    ['brick', 0, 'M9 4h3.5v4c-3 2-4.5 4-4.5 7 0 2.5.8 4.5 2 6.5-3.5-.8-6-3.3-6-6.5 0-3 1-6 5-8Z'],
    ['dark', 0, 'M8 2.5h8V5H8Z'],
    ['crop', 0, 'M4.3 13.5h15.4l.2 2H4.1Z'],
  ],
  barrel: [
    ['timber', 1, 'M6 3h12c2 4 2 14 0 18H6C4 17 4 7 6 3Z'],
    ['timber', 0, 'M6 3h5c-1 5-1 13 0 18H6C4 17 4 7 6 3Z'],
    ['metal', 1, 'M5 6.5h14l.3 2H4.7Zm-.3 9h14.6l-.3 2H5Z'],
    ['plank', 0, 'M6.5 2.5h11L18 4H6Z'],
  ],
  cabinet: [
    ['timber', 1, 'M4 3h16v17H4Z'],
    ['plank', 0, 'M5.5 4.5h6v11h-6Zm7 0h6v11h-6Z'],
    ['plank', 1, 'M5.5 16.5h13V19h-13Z'],
    ['gold', 0, `${circle(10.5, 10, 0.9)}${circle(13.5, 10, 0.9)}${circle(12, 17.8, 0.8)}`],
    ['timber', 2, 'M4 20h3v2H4Zm13 0h3v2h-3Z'],
  ],
  lantern: [
    ['metal', 2, 'M9 2h6v1.6H9Z'],
    ['metal', 1, 'M6 8l3-4h6l3 4Z'],
    ['glass', 0, 'M7.5 8h9v10h-9Z'],
    ['ember', 0, 'M12 9.5c1 2 2.5 3 2.5 5s-1 3-2.5 3-2.5-1-2.5-3 1.5-3 2.5-5Z'],
    ['metal', 1, 'M5.5 18h13l1 3.5h-15Z'],
    ['metal', 2, 'M6.5 8h1.4v10H6.5Zm9.6 0h1.4v10h-1.4Z'],
  ],
  pie: [
    ['bread', 2, 'M2 12h20l-3 8H5Z'],
    ['bread', 0, 'M2 12c1-5 5-7 10-7s9 2 10 7Z'],
    [
      'fruit',
      0,
      'M8 7.5l2.5 3-1.5.6-2.5-2.5Zm4-.5 2.5 3.4-1.6.4L10.6 7.3Zm4 .5 2.2 3-1.5.4-2.3-3.2Z',
    ],
    ['bread', 1, 'M1.5 11.5h21v2h-21Z'],
  ],
  coat: [
    ['cloth', 1, 'M8 3h8l6 5-2.5 5-2.5-1.5V22H7V11.5L4.5 13 2 8Z'],
    ['cloth', 0, 'M8 3h3l1 19H7V11.5L4.5 13 2 8Z'],
    ['cotton', 0, 'M9 3h6l-3 4.5Z'],
    ['crop', 0, 'M7 14h10v1.8H7Z'],
  ],
  ale: [
    ['plank', 1, 'M4 7h12v14H4Z'],
    ['plank', 0, 'M4 7h4v14H4Z'],
    [
      'plank',
      2,
      'M16 9h3c2 0 3 1.5 3 3v3c0 2-1 3.5-3 3.5h-3v-2.3h2.5c.8 0 1.2-.5 1.2-1.4v-2.3c0-.8-.4-1.2-1.2-1.2H16Z',
    ],
    ['metal', 1, 'M4 10h12v1.6H4Zm0 7h12v1.6H4Z'],
    [
      'cotton',
      0,
      'M3.5 7.5c-1-3 2-4 3.5-3 1-2.5 5-2.5 6 0 2-.8 4.5.5 3.5 3-.5 1.5-2 1.5-3 .8-1 1.8-3 1.8-4 .2-1.5 1.2-5 1-6-1Z',
    ],
  ],
  statue: [
    ['stone', 2, 'M4 19h16v3H4Z'],
    ['stone', 1, 'M6 16h12v3H6Z'],
    ['plaster', 2, 'M8 9h8l1 7H7Z'],
    ['plaster', 0, 'M8 9h5l-.5 7H7Z'],
    ['plaster', 1, circle(12, 5.5, 3.3)],
    ['plaster', 0, circle(11.3, 5, 2)],
  ],
  bell: [
    ['gold', 1, 'M12 2c5 0 6 4 6.5 9 .3 3 1.5 5 3 6.5h-19C4 16 5.2 14 5.5 11 6 6 7 2 12 2Z'],
    [
      'gold',
      0,
      'M11 2.5c1.5 0 0 3-.5 8.5-.2 2.8-.8 5-1.5 6.5H2.5C4 16 5.2 14 5.5 11 6 6 7 2.5 11 2.5Z',
    ],
    ['gold', 2, `M2 17.5h20v2H2Z${circle(12, 20.8, 1.9)}`],
  ],
};

/** For things that this page has never heard of: a crate. */
const CRATE: readonly Stroke[] = [
  ['plank', 0, 'M2 7l10-5 10 5-10 5Z'],
  ['plank', 1, 'M2 7v10l10 5V12Z'],
  ['plank', 2, 'M22 7v10l-10 5V12Z'],
  ['timber', 1, 'M4.5 10.5l5 2.5v6l-5-2.5Z'],
];

export function iconOf(thing: string): readonly Stroke[] {
  return (Object.hasOwn(ICONS, thing) && ICONS[thing]) || CRATE;
}
