/** Bars per day on a canvas: drawn pixels need no inline styles, which the content security policy forbids. */
import { useEffect, useRef, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import { useTheme } from '@mui/material/styles';
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { usePreferences } from '../app/preferences.tsx';
import { fonts } from './tokens.ts';

echarts.use([BarChart, GridComponent, TooltipComponent, LegendComponent, CanvasRenderer]);

export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
}

export function DayChart({ days, series, height, label }: { readonly days: readonly string[]; readonly series: readonly Series[]; readonly height: number; readonly label: string }): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<echarts.ECharts | undefined>(undefined);
  const { desk } = useTheme();
  const { calm } = usePreferences();
  useEffect(() => {
    if (place.current === null) return;
    const made = echarts.init(place.current, undefined, { renderer: 'canvas' });
    chart.current = made;
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, []);
  useEffect(() => {
    const text = { fontFamily: fonts.text, fontSize: 12, color: desk.muted };
    chart.current?.setOption(
      {
        animation: !calm,
        animationDuration: 250,
        textStyle: { fontFamily: fonts.text },
        grid: { left: 4, right: 4, top: 34, bottom: 2, containLabel: true },
        legend: { top: 0, left: 0, itemWidth: 10, itemHeight: 10, itemGap: 18, icon: 'roundRect', textStyle: { ...text, color: desk.text } },
        tooltip: { trigger: 'axis', renderMode: 'richText', axisPointer: { type: 'shadow', shadowStyle: { color: desk.hover, opacity: 0.7 } }, backgroundColor: desk.raised, borderColor: desk.lineStrong, borderWidth: 1, textStyle: { ...text, color: desk.text } },
        xAxis: { type: 'category', data: days.map(shortDay), axisTick: { show: false }, axisLine: { lineStyle: { color: desk.lineStrong } }, axisLabel: { ...text, hideOverlap: true } },
        yAxis: { type: 'value', minInterval: 1, splitNumber: 4, axisLabel: text, splitLine: { lineStyle: { color: desk.line } } },
        series: series.map((s) => ({ name: s.name, type: 'bar', data: [...s.values], itemStyle: { color: s.colour, borderRadius: [2, 2, 0, 0] }, barMaxWidth: 14, barGap: '15%', barCategoryGap: '32%', cursor: 'default' })),
      },
      { notMerge: true },
    );
  }, [days, series, desk, calm]);
  return <Box ref={place} role="img" aria-label={label} style={{ height }} />;
}

const monthDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const shortDay = (day: string): string => {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : monthDay.format(at);
};
