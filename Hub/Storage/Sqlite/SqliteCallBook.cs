using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>
/// The calls that are under way, so that no two of them write one person at one time. A file has one process, which keeps them to itself. A call whose end nobody could tell is over with the
/// longest time that it may take. Thread-safe.
/// </summary>
internal sealed class SqliteCallBook(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (CallUnderWay Call, long Since)> _calls = [];
    private readonly Dictionary<(string Destination, long Name), List<Guid>> _batches = [];

    public IReadOnlySet<long> Enter(CallUnderWay call)
    {
        lock (_lock)
        {
            LeaveOld();
            var busy = call.Names.Where(name => _batches.TryGetValue((call.Destination, name), out var batches) && batches.Exists(batch => batch != call.BatchId)).ToHashSet();
            if (busy.Count == 0)
            {
                _calls.Add(call.CallId, (call, time.GetTimestamp()));
                foreach (var name in call.Names)
                {
                    if (!_batches.TryGetValue((call.Destination, name), out var batches))
                    {
                        _batches.Add((call.Destination, name), batches = new List<Guid>(1));
                    }

                    batches.Add(call.BatchId);
                }
            }

            return busy;
        }
    }

    public void LeaveAll(string destination, string owner)
    {
        Guid[] calls;
        lock (_lock)
        {
            calls = [.. _calls.Values.Select(entered => entered.Call).Where(call => call.Destination == destination && call.Owner == owner).Select(call => call.CallId)];
        }

        Array.ForEach(calls, Leave);
    }

    public void Leave(Guid callId)
    {
        lock (_lock)
        {
            if (!_calls.Remove(callId, out var entered))
            {
                return;
            }

            var call = entered.Call;
            foreach (var name in call.Names)
            {
                var batches = _batches[(call.Destination, name)];
                batches.Remove(call.BatchId);
                if (batches.Count == 0)
                {
                    _batches.Remove((call.Destination, name));
                }
            }
        }
    }

    private void LeaveOld()
    {
        foreach (var call in _calls.Values.Where(entered => time.GetElapsedTime(entered.Since) >= entered.Call.Longest).Select(entered => entered.Call.CallId).ToList())
        {
            Leave(call);
        }
    }
}
