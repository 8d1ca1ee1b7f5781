using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>One call: where to, how long to wait, how to read the answer.</summary>
internal sealed record MarketoCall
{
    /// <summary>The vendor gives up on a read after 60 s; giving up before it would leave the outcome unknown.</summary>
    public static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(65);

    /// <summary>On most calls the vendor gives up after 30 s.</summary>
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(35);

    /// <summary>Which endpoint, for the gate.</summary>
    public required VendorEndpoint Endpoint { get; init; }

    /// <summary>Path and query when they are not the endpoint's own. Holds ids of the vendor's, never a value of a person.</summary>
    public string? Path { get; init; }

    /// <summary>Writes a JSON body, or null.</summary>
    public Action<IBufferWriter<byte>>? Json { get; init; }

    /// <summary>A body that is not JSON, or null.</summary>
    public HttpContent? Content { get; init; }

    /// <summary>The last look at the records that the call writes, or null for a call that writes none.</summary>
    public CallClearance? Clearance { get; init; }

    /// <summary>The bytes of a file that are asked for, or null for all.</summary>
    public RangeHeaderValue? Range { get; init; }

    /// <summary>How long to wait for the answer: longer than the vendor works.</summary>
    public TimeSpan Patience { get; init; } = ShortPatience;

    /// <summary>Field whose text each row should carry, or null.</summary>
    public string? TextField { get; init; }

    /// <summary>Reads the body instead of <see cref="MarketoAnswer.Parse"/>, or null.</summary>
    public Func<byte[], MarketoAnswer>? Read { get; init; }

    /// <summary>False for a call whose success has no <c>result</c>. Everywhere else a success without one says nothing.</summary>
    public bool NeedsResult { get; init; } = true;

    /// <summary>The static list that the call is about, or null: an object that is not found is then that list.</summary>
    public string? List { get; init; }

    /// <summary>Reads a body. One of another shape than the vendor's pages say is malformed, never an exception.</summary>
    public MarketoAnswer ReadAnswer(byte[] body)
    {
        try
        {
            var answer = Read is { } read ? read(body) : MarketoAnswer.Parse(body, TextField);
            return answer is { Failure: null, HasResult: false } && NeedsResult ? MarketoAnswer.Failed(MarketoAnswer.Malformed)
                : answer.Failure == MarketoOutcomes.ObjectNotFound && List is not null ? MarketoAnswer.Failed(ReasonCode.AudienceGone)
                : answer;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            return MarketoAnswer.Failed(MarketoAnswer.Malformed);
        }
    }
}
