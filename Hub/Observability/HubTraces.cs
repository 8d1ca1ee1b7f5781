using System.Diagnostics;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Observability;

/// <summary>
/// The hub's own steps on the way of a fact: taking in, ringing, sending a batch. A step that serves one trace is a part of it; one that serves several is a trace of its own that links to them.
/// </summary>
internal static class HubTraces
{
    /// <summary>So many traces a step links to; more of them would make it no clearer.</summary>
    public const int MaxLinks = 128;

    private static readonly ActivitySource _source = new(HubTelemetry.Name);

    /// <summary>Facts are being taken in.</summary>
    /// <param name="facts">How many.</param>
    /// <param name="callers">Traces of those who brought them.</param>
    public static Activity? TakingIn(int facts, IReadOnlyList<ActivityContext> callers) => Start("hub.facts.take_in", ActivityKind.Consumer, callers)?.SetTag("messaging.batch.message_count", facts);

    /// <summary>Doorbells are rung for what facts have made owed.</summary>
    /// <param name="facts">Traces of the batches in which they were taken in.</param>
    public static Activity? Ringing(IReadOnlyList<ActivityContext> facts) => Start("hub.ring", ActivityKind.Internal, facts);

    /// <summary>A batch is sent, within the turn that a doorbell began.</summary>
    public static Activity? Sending(string destination, string lane, Operation operation, int records) => _source.StartActivity("hub.batch.send")?
        .SetTag("hub.destination", destination).SetTag("hub.lane", lane).SetTag("hub.operation", HubMetrics.NameOf(operation)).SetTag("hub.records", records);

    /// <summary>Says whose facts an activity takes in, besides its own trace.</summary>
    public static void Link(Activity? activity, IEnumerable<ActivityContext> producers)
    {
        foreach (var producer in activity is null ? [] : producers.Where(producer => producer.TraceId != activity.TraceId).Distinct().Take(MaxLinks))
        {
            activity!.AddLink(new ActivityLink(producer));
        }
    }

    /// <summary>Whatever else is under way in this thread has no part in it.</summary>
    private static Activity? Start(string name, ActivityKind kind, IReadOnlyList<ActivityContext> served)
    {
        Activity.Current = null;
        return served.Count == 1
            ? _source.StartActivity(name, kind, served[0])
            : _source.StartActivity(name, kind, default(ActivityContext), tags: null, served.Distinct().Take(MaxLinks).Select(one => new ActivityLink(one)));
    }
}
