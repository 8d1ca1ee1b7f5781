using System.Diagnostics;
using System.Text;
using IntegrationHub.Hub.Observability;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>A fact as it arrived, unread: the bytes of a message, with or without an envelope. Holds personal data.</summary>
internal sealed record IncomingFact(ReadOnlyMemory<byte> Body)
{
    /// <summary>The trace that the message belongs to, or null.</summary>
    public ActivityContext? Trace { get; private init; }

    // The binding of CloudEvents to AMQP 1.0 names both; on RabbitMQ they are ordinary headers.
    private static readonly string[] _prefixes = ["cloudEvents_", "cloudEvents:"];

    /// <summary>A message of the bus; the attributes of a CloudEvent in binary mode are its headers. Never throws for what a message holds.</summary>
    public static IncomingFact Of(ReadOnlyMemory<byte> body, IDictionary<string, object?>? headers)
    {
        if (headers is not { Count: > 0 })
        {
            return new IncomingFact(body);
        }

        foreach (var prefix in _prefixes)
        {
            if (headers.ContainsKey(prefix + "specversion"))
            {
                return new IncomingFact(CloudEventReading.Assemble(Attributes(headers, prefix), body)) { Trace = ProducerTrace.Of(headers) };
            }
        }

        return new IncomingFact(body) { Trace = ProducerTrace.Of(headers) };
    }

    private static IEnumerable<KeyValuePair<string, string>> Attributes(IDictionary<string, object?> headers, string prefix) =>
        from header in headers
        where header.Key.StartsWith(prefix, StringComparison.Ordinal)
        select KeyValuePair.Create(header.Key[prefix.Length..], header.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(header.Value, System.Globalization.CultureInfo.InvariantCulture) ?? "");
}
