using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Versions.Effects;

/// <summary>How far a look at all people is: lines of JSON once a second, the plan at last. A call that nobody reads any more ends it.</summary>
internal static class EffectsProgress
{
    /// <summary>Who accepts it is told of progress.</summary>
    public const string MediaType = "application/x-ndjson";

    private static readonly TimeSpan _often = TimeSpan.FromSeconds(1);

    /// <summary>Writes lines to an answer until the plan is there.</summary>
    public static async Task WriteAsync(Stream answer, Func<IProgress<(long LookedAt, long People)>, Task<ConfigurationPlanJson>> read, TimeProvider time, CancellationToken cancellationToken)
    {
        var latest = new Latest();
        var reading = read(latest);
        using var timer = new PeriodicTimer(_often, time);
        while (!reading.IsCompleted)
        {
            var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            await Task.WhenAny(reading, tick);
            if (tick.IsCompletedSuccessfully && latest.Reached is { } reached)
            {
                await LineAsync(answer, reached, cancellationToken);
            }

            if (!tick.IsCompleted)
            {
                break; // the timer is asked for one tick at a time
            }
        }

        await LineAsync(answer, await reading, cancellationToken);
    }

    private static async Task LineAsync<T>(Stream answer, T line, CancellationToken cancellationToken)
    {
        await JsonSerializer.SerializeAsync(answer, line, cancellationToken: cancellationToken);
        await answer.WriteAsync("\n"u8.ToArray(), cancellationToken);
        await answer.FlushAsync(cancellationToken);
    }

    private sealed class Latest : IProgress<(long LookedAt, long People)>
    {
        public EffectsProgressJson? Reached { get; private set; }

        public void Report((long LookedAt, long People) value) => Reached = new EffectsProgressJson(value.LookedAt, value.People);
    }
}

/// <summary>A line of progress.</summary>
/// <param name="LookedAt">People who were looked at.</param>
/// <param name="People">Of so many.</param>
internal sealed record EffectsProgressJson([property: JsonPropertyName("looked_at")] long LookedAt, [property: JsonPropertyName("people")] long People);
