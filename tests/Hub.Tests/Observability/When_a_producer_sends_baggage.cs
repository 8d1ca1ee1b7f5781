using System.Diagnostics;
using IntegrationHub.Hub.Observability;

namespace IntegrationHub.Hub.Tests.Observability;

/// <summary>A trace travels with a call, baggage does not: whatever a producer puts there would end at a vendor.</summary>
public sealed class When_a_producer_sends_baggage
{
    private static readonly Dictionary<string, string?> _headers = new() { ["traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", ["tracestate"] = "a=1", ["baggage"] = "person=kai", ["Correlation-Context"] = "person=kai" };

    [Test]
    public void Should_read_the_trace_alone()
    {
        var propagator = new TraceContextOnly();
        propagator.ExtractTraceIdAndState(_headers, Get, out var id, out var state);
        Assert.That((id, state), Is.EqualTo((_headers["traceparent"], "a=1")));
        Assert.That(propagator.ExtractBaggage(_headers, Get), Is.Null);
    }

    [Test]
    public void Should_tell_a_vendor_the_trace_alone()
    {
        using var activity = new Activity("call").SetIdFormat(ActivityIdFormat.W3C).SetBaggage("person", "kai").Start();
        var sent = new Dictionary<string, string?>();
        new TraceContextOnly().Inject(activity, sent, (carrier, name, value) => ((Dictionary<string, string?>)carrier!)[name] = value);
        Assert.That(sent, Is.EqualTo(new Dictionary<string, string?> { ["traceparent"] = activity.Id }));
    }

    private static void Get(object? carrier, string name, out string? value, out IEnumerable<string>? values) =>
        (value, values) = (((Dictionary<string, string?>)carrier!).GetValueOrDefault(name), null);
}
