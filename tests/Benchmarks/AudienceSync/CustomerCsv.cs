using System.Text;

namespace IntegrationHub.Benchmarks.AudienceSync;

/// <summary>Made-up customers as a CSV stream that is written while it is read: no size needs memory.</summary>
internal sealed class CustomerCsv : Stream
{
    private const string Header = "CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner\n";
    private byte[] _rest = Encoding.UTF8.GetBytes(Header);
    private int _offset;
    private readonly int _end;
    private readonly int _version;
    private int _next;

    public CustomerCsv(int first, int count, int version)
    {
        _next = first;
        _end = first + count;
        _version = version;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_offset == _rest.Length && !Refill())
        {
            return 0;
        }

        var length = Math.Min(buffer.Length, _rest.Length - _offset);
        _rest.AsSpan(_offset, length).CopyTo(buffer);
        _offset += length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool Refill()
    {
        if (_next == _end)
        {
            return false;
        }

        var text = new StringBuilder();
        for (var end = Math.Min(_next + 1_000, _end); _next < end; _next++)
        {
            text.Append('c').Append(_next).Append(",MR.,FIRST,LAST").Append(_next % 1_000).Append(",04/08/1966,M,M,person").Append(_next)
                .Append("@example.test,\"$90,000 \",").Append((_next + _version) % 6).Append(",Bachelors,Professional,Y\n");
        }

        _rest = Encoding.UTF8.GetBytes(text.ToString());
        _offset = 0;
        return true;
    }
}
