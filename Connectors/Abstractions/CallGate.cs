namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// Stands before every vendor call and holds it back until the shared quota admits it. There is one for each kind of work, so that a connector passes on how urgent
/// its calls are without knowing it. A connector's client enters it before the time limit of a call starts to run, once per HTTP call, and gives the permit back when
/// the answer is read.
/// </summary>
public interface ICallGate
{
    /// <summary>Waits until the call may be made.</summary>
    /// <param name="endpoint">Which of the descriptor's endpoints is called: it says which rate limits are drawn on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The permit. When its <see cref="CallPermit.Refusal"/> is set, the call must not be made.</returns>
    ValueTask<CallPermit> EnterAsync(VendorEndpoint endpoint, CancellationToken cancellationToken);
}

/// <summary>Permission for one vendor call; disposed when the answer was read. What the answer tells about limits is reported here.</summary>
public abstract class CallPermit : IDisposable
{
    /// <summary>Why the call must not be made now, or null. A daily quota that is used up is a refusal, not a wait.</summary>
    public virtual DestinationCondition? Refusal => null;

    /// <summary>Reports what a response header or error said about a limit.</summary>
    public virtual void Report(QuotaReading reading)
    {
    }

    /// <summary>The vendor does not count this call, by its own documentation.</summary>
    public virtual void NotCounted()
    {
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the call.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>What the vendor said about one of its limits.</summary>
/// <param name="Limit">Name of the <see cref="RateLimit"/>.</param>
/// <param name="Max">Calls per window, or null when it was not said.</param>
/// <param name="Remaining">Calls left in the window, 0 after a refusal; null when it was not said.</param>
/// <param name="ResetsIn">Time until calls are free again, or null when it was not said.</param>
/// <param name="Refused">True when the answer refused the call because of this limit.</param>
public readonly record struct QuotaReading(string Limit, int? Max, int? Remaining, TimeSpan? ResetsIn, bool Refused = false);

/// <summary>A gate that is always open, for tests of a connector alone.</summary>
public sealed class OpenGate : ICallGate
{
    private static readonly CallPermit Permit = new FreePermit();

    private OpenGate()
    {
    }

    /// <summary>The gate.</summary>
    public static ICallGate Instance { get; } = new OpenGate();

    /// <inheritdoc />
    public ValueTask<CallPermit> EnterAsync(VendorEndpoint endpoint, CancellationToken cancellationToken) => ValueTask.FromResult(Permit);

    private sealed class FreePermit : CallPermit;
}
