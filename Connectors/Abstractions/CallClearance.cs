namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// The last look before the bytes of a call are written: may everybody in it still be sent? Whoever makes a call for records of a batch gets
/// one for that call from <see cref="Batch.ClearanceFor"/>; the client asks it once the gate has admitted the call, however long that took. When it is
/// not given the call is not made: those in <see cref="Withheld"/> are <see cref="Outcome.Withheld"/>, and the call is made anew without them.
/// </summary>
public sealed class CallClearance
{
    private static readonly IReadOnlySet<long> Nobody = new HashSet<long>();

    private readonly LastLook? _look;
    private readonly CallEnded? _ended;
    private readonly long[] _recordIds;
    private bool _isUnderWay;

    internal CallClearance(LastLook? look, CallEnded? ended, long[] recordIds) => (_look, _ended, _recordIds) = (look, ended, recordIds);

    /// <summary>For a call of which the vendor learns nothing about anybody, as one that tries a permission with an empty list.</summary>
    public static CallClearance OfNobody => new(null, null, []);

    /// <summary>The records that must not be sent; empty before it was asked, and when all may be.</summary>
    public IReadOnlySet<long> Withheld { get; private set; } = Nobody;

    /// <summary>Looks. False when the call must not be made.</summary>
    public async ValueTask<bool> IsGivenAsync(CancellationToken cancellationToken)
    {
        Withheld = _look is null ? Nobody : await _look(_recordIds, cancellationToken);
        return _isUnderWay = Withheld.Count == 0;
    }

    /// <summary>Says that the call, for which it was given, is over. Whoever makes the call says so, whatever came of it.</summary>
    public async ValueTask EndAsync()
    {
        if (_isUnderWay && _ended is not null)
        {
            _isUnderWay = false;
            await _ended(_recordIds);
        }
    }
}

/// <summary>Tells which of some records must not be sent any more as their batch has them; never throws but for the cancellation.</summary>
/// <param name="recordIds"><see cref="BatchItem.RecordId"/>s of a batch.</param>
/// <param name="cancellationToken">Ends the look.</param>
public delegate ValueTask<IReadOnlySet<long>> LastLook(IReadOnlyList<long> recordIds, CancellationToken cancellationToken);

/// <summary>Takes note that a call ended; never throws.</summary>
/// <param name="recordIds">The very list that the last look was asked about.</param>
public delegate ValueTask CallEnded(IReadOnlyList<long> recordIds);
