using System.Security.Cryptography;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Access tokens: one per client at a time, the same one until it expires, with the seconds that are left. Thread-safe.</summary>
internal sealed class MarketoTokens(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _expired = [];
    private string? _value;
    private DateTimeOffset _expiresAt;

    /// <summary>How long a new token lives; the vendor's hour unless set.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    public (string Value, int SecondsLeft) Get()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_value is null || _expiresAt <= now)
            {
                Retire();
                _value = $"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}:int";
                _expiresAt = now + Lifetime;
            }

            return (_value, (int)(_expiresAt - now).TotalSeconds);
        }
    }

    /// <summary>Null when the token is good, else 601 or 602.</summary>
    public string? Refusal(string token)
    {
        lock (_gate)
        {
            if (token == _value)
            {
                return _expiresAt > time.GetUtcNow() ? null : "602";
            }

            return _expired.Contains(token) ? "602" : "601";
        }
    }

    public void Expire()
    {
        lock (_gate)
        {
            Retire();
        }
    }

    public void Invalidate()
    {
        lock (_gate)
        {
            _value = null;
        }
    }

    private void Retire()
    {
        if (_value is not null)
        {
            _expired.Add(_value);
            _value = null;
        }
    }
}
