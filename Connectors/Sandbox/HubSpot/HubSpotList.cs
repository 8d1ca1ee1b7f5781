using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>A list and when each contact joined it, by number of the contact, in seconds since 1970; 0 is no member.</summary>
internal sealed class HubSpotList(int id, string name, string processingType)
{
    private uint[] _joined = [];

    public string Id { get; } = id.ToString(CultureInfo.InvariantCulture);

    public string Name { get; } = name;

    public string ProcessingType { get; } = processingType;

    /// <summary>When it was deleted, or null; a deleted list keeps its members and can be restored.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    public int Size { get; private set; }

    public uint Joined(int contact) => contact < _joined.Length ? _joined[contact] : 0;

    public bool Add(int contact, uint now)
    {
        if (contact >= _joined.Length)
        {
            Array.Resize(ref _joined, Math.Max(contact + 1, Math.Max(1024, _joined.Length * 2)));
        }

        if (_joined[contact] != 0)
        {
            return false;
        }

        _joined[contact] = now;
        Size++;
        return true;
    }

    public bool Remove(int contact)
    {
        if (Joined(contact) == 0)
        {
            return false;
        }

        _joined[contact] = 0;
        Size--;
        return true;
    }

    public void Clear()
    {
        _joined = [];
        Size = 0;
    }

    /// <summary>The first member from a number on, or -1.</summary>
    public int Next(int contact)
    {
        var found = contact < _joined.Length ? _joined.AsSpan(contact).IndexOfAnyExcept(0u) : -1;
        return found < 0 ? -1 : contact + found;
    }
}
