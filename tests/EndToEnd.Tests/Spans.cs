using System.Collections.Concurrent;
using System.Diagnostics;
using OpenTelemetry;

namespace EndToEnd.Tests;

/// <summary>The spans of a hub as it hands them on.</summary>
internal sealed class Spans : BaseProcessor<Activity>
{
    private readonly ConcurrentDictionary<ActivitySpanId, Activity> _ended = new();

    public IEnumerable<Activity> All => _ended.Values;

    /// <inheritdoc />
    public override void OnEnd(Activity data) => _ended[data.SpanId] = data;

    /// <summary>Calls of vendors that somebody's trace leads to, through the spans above them and the links of these, however many traces lie in between.</summary>
    public IEnumerable<Activity> CallsOf(ActivityTraceId publisher, Func<string, bool> vendor) =>
        All.Where(span => span.Kind == ActivityKind.Client && span.GetTagItem("url.full") is string address && vendor(address) && LeadsTo(span, publisher));

    /// <summary>All that an exporter would write of a span.</summary>
    public static string TextOf(Activity span) => string.Join(
        ' ', span.DisplayName, span.StatusDescription, string.Join(' ', span.TagObjects), string.Join(' ', span.Events.SelectMany(happened => happened.Tags.Select(tag => $"{happened.Name} {tag}"))),
        string.Join(' ', span.Links.SelectMany(link => link.Tags ?? [])), string.Join(' ', span.Baggage));

    private bool LeadsTo(Activity span, ActivityTraceId publisher)
    {
        var (open, seen) = (new Queue<Activity>([span]), new HashSet<ActivitySpanId>());
        while (open.TryDequeue(out var one))
        {
            if (one.TraceId == publisher || one.Links.Any(link => link.Context.TraceId == publisher))
            {
                return true;
            }

            foreach (var before in one.Links.Select(link => link.Context.SpanId).Append(one.ParentSpanId))
            {
                if (seen.Add(before) && _ended.TryGetValue(before, out var known))
                {
                    open.Enqueue(known);
                }
            }
        }

        return false;
    }
}
