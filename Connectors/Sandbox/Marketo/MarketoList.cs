namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>A static list: one bit a lead.</summary>
internal sealed class MarketoList(int id, string name, int folder, string folderType, DateTimeOffset createdAt)
{
    private ulong[] _members = new ulong[16];

    public int Id => id;

    public string Name => name;

    public int Folder => folder;

    public string FolderType => folderType;

    public DateTimeOffset CreatedAt => createdAt;

    public bool Contains(int lead) => lead >> 6 < _members.Length && (_members[lead >> 6] & (1UL << lead)) != 0;

    public void Add(int lead)
    {
        if (lead >> 6 >= _members.Length)
        {
            Array.Resize(ref _members, Math.Max((lead >> 6) + 1, _members.Length * 2));
        }

        _members[lead >> 6] |= 1UL << lead;
    }

    public void Remove(int lead)
    {
        if (lead >> 6 < _members.Length)
        {
            _members[lead >> 6] &= ~(1UL << lead);
        }
    }

    public IEnumerable<int> Members(int after)
    {
        for (var lead = after + 1; lead < _members.Length << 6; lead++)
        {
            if (_members[lead >> 6] == 0)
            {
                lead |= 63;
            }
            else if (Contains(lead))
            {
                yield return lead;
            }
        }
    }
}
