using System.Diagnostics;
using System.Text;
using MassTransit.Logging;

namespace IntegrationHub.Hub.Observability;

/// <summary>
/// The trace of whoever stated a fact, by W3C Trace Context (https://www.w3.org/TR/trace-context/): where it says so in a header, in the bus' own header of the
/// same form, or in the attributes of a CloudEvent. Baggage is never read: a producer could put anything there, and it would travel on to vendors. Pure.
/// </summary>
internal static class ProducerTrace
{
    /// <summary>Name of the header and of the attribute.</summary>
    public const string Parent = "traceparent";

    /// <summary>Name of the header and of the attribute of the state.</summary>
    public const string State = "tracestate";

    /// <summary>The trace of a message, or null.</summary>
    public static ActivityContext? Of(IDictionary<string, object?> headers) => Read(Text(headers, Parent), Text(headers, State)) ?? Read(Text(headers, DiagnosticHeaders.ActivityId), null);

    /// <summary>The trace of two texts; null when there is none or it is malformed.</summary>
    public static ActivityContext? Read(string? parent, string? state) =>
        parent is not null && ActivityContext.TryParse(parent, state, isRemote: true, out var trace) ? trace : null;

    private static string? Text(IDictionary<string, object?> headers, string name) => headers.TryGetValue(name, out var value)
        ? value switch { string text => text, byte[] bytes => Encoding.UTF8.GetString(bytes), _ => null }
        : null;
}
