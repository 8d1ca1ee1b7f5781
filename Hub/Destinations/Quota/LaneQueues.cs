using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>A vendor call that waits for its turn.</summary>
/// <param name="endpoint">What is called.</param>
/// <param name="lane">The lane on whose behalf.</param>
/// <param name="insists">True when the vendor shall be asked although our books say that no call is left.</param>
internal sealed class WaitingCall(VendorEndpoint endpoint, string lane, bool insists)
{
    public VendorEndpoint Endpoint => endpoint;

    public string Lane => lane;

    public bool Insists => insists;

    /// <summary>Why it must not be made, once that is known.</summary>
    public DestinationCondition? Refusal { get; set; }

    /// <summary>Completed when it may go.</summary>
    public TaskCompletionSource<CallPermit> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// Waiting calls by lane and endpoint. An earlier lane goes first; a later one that is passed over gets every so-many-th turn. Within
/// a lane calls go in order, except that an endpoint whose limit is used up does not hold back the others. Not thread-safe.
/// </summary>
/// <param name="floorEvery">Turns after which the most neglected lane gets one.</param>
internal sealed class LaneQueues(int floorEvery)
{
    private readonly Dictionary<string, Dictionary<VendorEndpoint, Queue<WaitingCall>>> _lanes =
        Lane.InOrder.ToDictionary(lane => lane, _ => new Dictionary<VendorEndpoint, Queue<WaitingCall>>());

    private readonly Dictionary<string, int> _passedOver = [];

    /// <summary>Calls that wait; those that gave up waiting are none.</summary>
    public int Count => _lanes.Values.Sum(lane => lane.Values.Sum(queue => queue.Count(call => !call.Admitted.Task.IsCompleted)));

    public void Add(WaitingCall call)
    {
        var lane = _lanes[call.Lane];
        if (!lane.TryGetValue(call.Endpoint, out var queue))
        {
            lane[call.Endpoint] = queue = new Queue<WaitingCall>();
        }

        queue.Enqueue(call);
    }

    /// <summary>Takes the next call that may go, or null when none may.</summary>
    public WaitingCall? TryTake(Func<WaitingCall, bool> mayGo)
    {
        foreach (var lane in Order())
        {
            foreach (var queue in _lanes[lane].Values)
            {
                DropCanceled(queue);
                if (queue.TryPeek(out var call) && mayGo(call))
                {
                    queue.Dequeue();
                    CountTurn(lane);
                    return call;
                }
            }
        }

        return null;
    }

    public void CancelAll()
    {
        foreach (var queue in _lanes.Values.SelectMany(lane => lane.Values))
        {
            while (queue.TryDequeue(out var call))
            {
                call.Admitted.TrySetCanceled();
            }
        }
    }

    private static void DropCanceled(Queue<WaitingCall> queue)
    {
        while (queue.TryPeek(out var call) && call.Admitted.Task.IsCompleted)
        {
            queue.Dequeue();
        }
    }

    private IEnumerable<string> Order()
    {
        var neglected = Lane.InOrder.LastOrDefault(lane => _passedOver.GetValueOrDefault(lane) >= floorEvery - 1 && HasWaiting(lane));
        return neglected is null ? Lane.InOrder : Lane.InOrder.Where(lane => lane != neglected).Prepend(neglected);
    }

    private bool HasWaiting(string lane) => _lanes[lane].Values.Any(queue => queue.Any(call => !call.Admitted.Task.IsCompleted));

    private void CountTurn(string taken)
    {
        _passedOver[taken] = 0;
        foreach (var later in Lane.InOrder.SkipWhile(lane => lane != taken).Skip(1).Where(HasWaiting))
        {
            _passedOver[later] = _passedOver.GetValueOrDefault(later) + 1;
        }
    }
}
