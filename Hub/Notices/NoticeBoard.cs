using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Notices;

/// <summary>What vendors said beside answers since it was last written down: counted in memory, since most of it comes with every call. Thread-safe.</summary>
internal sealed class NoticeBoard(TimeProvider time)
{
    /// <summary>More different notices are not held at a time; those that are held are still counted.</summary>
    public const int MostHeld = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Destination, string Operation, string Kind, string Code), StoredNotice> _held = [];

    /// <summary>Takes what the vendor of a destination says.</summary>
    public IVendorNotices For(string destination) => new OfDestination(this, destination);

    /// <summary>Hands over what was heard; the board is empty then.</summary>
    public IReadOnlyList<StoredNotice> TakeAll()
    {
        lock (_gate)
        {
            StoredNotice[] heard = [.. _held.Values];
            _held.Clear();
            return heard;
        }
    }

    /// <summary>Takes back what could not be written.</summary>
    public void GiveBack(IEnumerable<StoredNotice> notices)
    {
        lock (_gate)
        {
            foreach (var notice in notices)
            {
                Add(notice);
            }
        }
    }

    private void Take(string destination, VendorEndpoint endpoint, VendorNotice notice)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            Add(new StoredNotice(destination, $"{endpoint.Method} {endpoint.Path}", notice.Kind, notice.Code, now, now, 1) { At = notice.At, Page = notice.Page, Successor = notice.Successor });
        }
    }

    private void Add(StoredNotice notice)
    {
        var key = (notice.Destination, notice.Operation, notice.Kind, notice.Code);
        if (_held.TryGetValue(key, out var held))
        {
            var (earlier, later) = held.LastSeen <= notice.LastSeen ? (held, notice) : (notice, held);
            _held[key] = later with { FirstSeen = earlier.FirstSeen < later.FirstSeen ? earlier.FirstSeen : later.FirstSeen, Count = held.Count + notice.Count };
        }
        else if (_held.Count < MostHeld)
        {
            _held[key] = notice;
        }
    }

    private sealed class OfDestination(NoticeBoard board, string destination) : IVendorNotices
    {
        public void Take(VendorEndpoint endpoint, VendorNotice notice) => board.Take(destination, endpoint, notice);
    }
}
